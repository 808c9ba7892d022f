"""The examples of docs/silent.md give the printed lines, and its table has the tested faults."""

import re
import sys
from pathlib import Path

import pytest

from featevo.commands.silent import main
from tests.silent.test_twins import IN_STEP_3

TEXT = (Path(__file__).parent.parent.parent / "docs" / "silent.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", TEXT, re.DOTALL))
PRINTED = dict(re.findall(r"```bash\npython -m featevo\.silent ?(.*?)\n```\n\n```text\n(.*?)```", TEXT, re.DOTALL))


@pytest.fixture
def project(tmp_path, monkeypatch):
    """The files of the page in a folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    for name, code in FILES.items():
        (tmp_path / name).write_text(code)
    yield tmp_path
    for name in FILES:
        sys.modules.pop(Path(name).stem, None)


def printed(capsys, words):
    code = main(words.split())
    return code, capsys.readouterr().out.splitlines()[-1]  # before it is the trainer's own output


def test_the_example_is_found_out(project, capsys):
    words = "my_project.py:make_trainer my_callbacks.py:Saliency"
    assert printed(capsys, words) == (1, PRINTED[words].strip())


def test_with_accumulated_gradients_the_weights_differ(project, capsys):
    file = project / "my_project.py"
    file.write_text(file.read_text().replace("max_epochs=2", "max_epochs=2, accumulate_grad_batches=2"))
    code, line = printed(capsys, "my_project.py:make_trainer my_callbacks.py:Saliency")
    assert code == 1
    assert line.endswith("; losses and final weights differ")


@pytest.mark.filterwarnings("ignore:.*does not have many workers")
@pytest.mark.filterwarnings("ignore:The number of training batches")
def test_the_remedy_is_one_also_in_a_test(project):
    file = project / "my_callbacks.py"
    names: dict[str, object] = {}
    exec(FILES["test_my_callbacks.py"], names)
    test = names["test_it_is_silent"]
    assert callable(test)
    with pytest.raises(AssertionError, match="not silent: on_train_batch_end in step 1"):
        test()
    code = file.read_text().replace(
        "import pytorch_lightning as pl\n", "import pytorch_lightning as pl\nimport torch\n"
    )
    code = re.sub(r"(pl_module\(images\).*)\.backward\(\)", r"(gradient,) = torch.autograd.grad(\1, images)", code)
    file.write_text(code.replace("images.grad.abs()", "gradient.abs()"))
    del sys.modules["my_callbacks"]
    exec(FILES["test_my_callbacks.py"], names)
    test = names["test_it_is_silent"]
    assert callable(test)
    test()


def test_the_own_certificate_is_the_printed_one():
    """tests/silent/test_own.py computes it."""
    own = (Path(__file__).parent / "test_own.py").read_text(encoding="utf-8")
    assert f'"{PRINTED[""].strip()}"' in own


def test_the_table_has_all_tested_faults():
    table = TEXT.split("| fault | changed | at the end |\n|---|---|---|\n")[1].split("\n\n")[0]
    assert table.splitlines() == [f"| {fault} | {names} | {end} |" for fault, (_, names, end) in IN_STEP_3.items()]
