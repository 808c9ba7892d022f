"""Files: every readable kind has the same tensors, every other is one clear error, and none runs code."""

import pickle

import pytest
import torch
from safetensors.torch import save_file

from featevo.errors import UserError
from featevo.model.weight_files import read_weights

STATE = {"a.weight": torch.arange(6.0).view(2, 3), "a.bias": torch.ones(2, dtype=torch.bfloat16)}


def write(path, content):
    if path.suffix == ".safetensors":
        save_file(content, path)
    else:
        torch.save(content, path)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("w.safetensors", STATE),
        ("w.pt", STATE),
        ("w.ckpt", {"epoch": 3, "state_dict": STATE, "optimizer_states": [{"state": {0: torch.ones(3)}}]}),
        ("w.pth", {"model": STATE, "args": {"lr": 0.1}}),
        ("w.bin", {"model_state_dict": STATE}),
        ("nested.pt", {"model": {"state_dict": STATE}}),
        ("numbers.pt", {**STATE, "steps": 7}),
    ],
)
def test_every_readable_kind_gives_its_tensors(tmp_path, name, content):
    state = read_weights(write(tmp_path / name, content))
    assert state.keys() == STATE.keys()
    assert all(torch.equal(tensor, STATE[name]) for name, tensor in state.items())


def test_the_content_decides_not_the_ending(tmp_path):
    save_file(STATE, tmp_path / "w.pt")
    assert read_weights(tmp_path / "w.pt").keys() == STATE.keys()


def test_torchs_former_format_is_read(tmp_path):
    torch.save(STATE, tmp_path / "w.pth", _use_new_zipfile_serialization=False)
    assert torch.equal(read_weights(tmp_path / "w.pth")["a.weight"], STATE["a.weight"])


class Harmful:
    """Creates a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("save", [torch.save, lambda content, path: path.write_bytes(pickle.dumps(content))])
def test_no_code_of_a_file_is_run(tmp_path, save):
    save({"state_dict": STATE, "hyper_parameters": Harmful(tmp_path / "ran")}, tmp_path / "w.pt")
    with pytest.raises(UserError, match=r"holds Python objects.*; save the network's state_dict\(\) alone") as error:
        read_weights(tmp_path / "w.pt")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "ran").exists()


def damaged(path, how):
    content = path.read_bytes()
    path.write_bytes(how(content))
    return path


@pytest.mark.parametrize("name", ["w.safetensors", "w.pt"])
@pytest.mark.parametrize(
    "how",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content[:5],
        lambda content: b"",
        lambda content: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
        lambda content: b"\xff" * 200 + content[200:],
    ],
    ids=["half", "five bytes", "empty", "pointer", "overwritten"],
)
def test_a_damaged_file_is_one_clear_line(tmp_path, name, how):
    path = damaged(write(tmp_path / name, STATE), how)
    with pytest.raises(UserError, match=r"(not a readable safetensors file|neither a safetensors nor)") as error:
        read_weights(path)
    assert str(error.value).startswith(f"init.weights={path}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"epoch": 3, "loss": 0.5}, "holds no weights but epoch, loss; expected a state dict"),
        ({}, "holds no weights but nothing"),
        ([torch.zeros(3)], "holds a list, not a state dict"),
    ],
)
def test_the_error_for_a_file_without_weights_lists_its_content(tmp_path, content, message):
    with pytest.raises(UserError, match=message):
        read_weights(write(tmp_path / "w.pt", content))


def test_a_path_that_is_not_a_file_is_an_error(tmp_path):
    with pytest.raises(UserError, match="there is no such file"):
        read_weights(tmp_path / "w.pt")
    with pytest.raises(UserError, match=r"is a folder; name a file in it, for example checkpoints/best.ckpt"):
        read_weights(tmp_path)
