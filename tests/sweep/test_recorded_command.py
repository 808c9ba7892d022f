"""Resuming a sweep that may be somebody else's: its recorded command, and links in its folder."""

import json

import pytest

from featevo.errors import UserError
from featevo.record.sweep import Sweep
from featevo.sweep.recorded_command import to_repeat
from featevo.sweep.resume import resumed

PLAIN = (
    *(
        "--multirun",
        "-m",
        "seed=0,1",
        "init=random,pretrained",
        "experiment=study/two,study/eight",
        "~debug",
        "launcher=joblib",
    ),
    *(
        "init=choice(random,pretrained)",
        "data.root=/data/x",
        "++evolution.steps=3",
        "data.classes=[tree frog,flamingo]",
    ),
)
OTHERS = {
    "a target": "trainer.callbacks=[{_target_: torch.load, f: x}]",
    "a target by its key": "model._target_=torch.load",
    "an interpolation": "name=${oc.env:HOME}",
    "an escape": r"name='\${oc.env:HOME}'",
    "a configuration anywhere": "data=../../evil",
    "a configuration anywhere, absolute": "data=/evil",
    "a configuration anywhere, absolute in a list": "experiment=[study/two,/evil]",
    "a section": "model={a: 1}",
    "a search path": "hydra.searchpath=[file:///evil]",
    "the environment": "hydra.job.env_set.LD_PRELOAD=/evil.so",
    "a program": "+hydra.launcher.setup=[rm -rf ~]",
    "a group of Hydra's": "hydra/launcher=evil",
    "all of Hydra's": "hydra={job: {}}",
    "a package": "data@model=scenes",
    "a place to write": "trainer.default_root_dir=/victim",
    "a server": "logger.tracker.tracking_uri=file:///victim",
    "an option that unpickles": "--experimental-rerun=job.pickle",
    "an option, joined": "--config-dir=/evil",
    "no override": "evil",
}


@pytest.fixture
def sweep(tmp_path):
    """One job that has not run."""

    def make(*command):
        folder = tmp_path / "study"
        folder.mkdir()
        sweep = Sweep(folder, list(command), [("seed=0",)])
        sweep.write()
        return sweep

    return make


def again(words):
    """The arguments of the resumed sweep, which is not kept locked."""
    arguments, lock = resumed(words)
    assert lock is not None
    lock.close()
    return arguments


def test_a_plain_command_is_repeated_and_shown(sweep, capsys):
    made = sweep(*PLAIN)
    arguments = again([f"sweep.resume={made.folder}"])
    assert arguments[:-1] == list(PLAIN)
    shown = capsys.readouterr().out
    assert shown.startswith("Resuming: python -m featevo.train --multirun -m seed=0,1 init=random,pretrained ")
    assert shown.count("\n") == 1


@pytest.mark.parametrize("word", OTHERS.values(), ids=OTHERS)
def test_other_words_are_used_only_if_the_user_gives_them_too(sweep, capsys, word):
    made = sweep("--multirun", word, "seed=0")
    with pytest.raises(UserError) as caught:
        resumed([f"sweep.resume={made.folder}"])
    assert capsys.readouterr().out == ""
    assert "its command has arguments that may run any code: " in str(caught.value)
    assert str(caught.value).endswith("; repeat them, or add trust=true if you trust the folder")
    expected = ["--multirun", word, "seed=0"]
    for lifted in (word, "trust=true"):
        arguments = again([f"sweep.resume={made.folder}", lifted])
        assert arguments[:-1] == expected


@pytest.mark.parametrize("option", ["--config-dir", "-cd", "--config-path", "-cp", "--config-name", "--config-d"])
def test_an_option_comes_with_the_word_after_it(option):
    assert to_repeat(["-m", option, "a=b", "seed=0"]) == [option, "a=b"]


def test_a_word_that_is_not_in_the_command_changes_the_jobs(sweep):
    made = sweep("--config-dir", "evil", "--config-name", "init_mode")
    with pytest.raises(UserError, match="sweeps: would change the jobs"):
        resumed([f"sweep.resume={made.folder}", "--config-dir", "sweeps", "--config-name", "init_mode"])
    arguments = again([f"sweep.resume={made.folder}", "--config-dir", "evil", "--config-name", "init_mode"])
    assert arguments[:-1] == made.command


def test_an_error_with_any_words_is_one_line(sweep):
    made = sweep("x\n\x1b[31m")
    with pytest.raises(UserError) as caught:
        resumed([f"sweep.resume={made.folder}"])
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "place", ["0-seed-0", ".jobs", ".unfinished", ".jobs/lock", "0-seed-0/train.log", "report.html"]
)
def test_links_out_of_the_folder_are_refused(sweep, tmp_path, place):
    """Hydra and the jobs would write through them."""
    made = sweep("seed=0")
    (tmp_path / "victim").mkdir()
    (made.folder / place).parent.mkdir(exist_ok=True)
    (made.folder / place).symlink_to(tmp_path / "victim")
    with pytest.raises(UserError, match="is not inside"):
        resumed([f"sweep.resume={made.folder}"])
    if place != ".jobs/lock":  # a folder cannot be locked
        again([f"sweep.resume={made.folder}", "trust=true"])


def test_links_within_and_those_of_wandb_are_left(sweep, tmp_path):
    made = sweep("seed=0")
    (made.folder / "wandb").mkdir()
    (made.folder / "wandb" / "debug.log").symlink_to(tmp_path / "cache")
    (made.folder / "last").symlink_to("wandb")
    (tmp_path / "link").symlink_to(made.folder)
    again([f"sweep.resume={tmp_path / 'link'}"])


@pytest.mark.parametrize("recorded", ["ABSOLUTE", "../victim", "a/../../victim", "link"])
def test_no_folder_outside_is_moved(sweep, tmp_path, recorded):
    made = sweep("seed=0")
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "run.json").write_text(json.dumps({"status": "failed"}))
    (made.folder / ".jobs").mkdir()
    (made.folder / ".jobs" / "0").write_text(recorded.replace("ABSOLUTE", str(victim)))
    (made.folder / "a").mkdir()
    (made.folder / "link").symlink_to(victim)
    again([f"sweep.resume={made.folder}", "trust=true"])
    assert (victim / "run.json").is_file()
    assert not (made.folder / ".unfinished").exists()
