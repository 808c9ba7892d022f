"""Each hook of a callback, and only its own, is called within a bracket."""

from contextlib import contextmanager
from typing import Any

import lightning
import pytest
import pytorch_lightning as pl

from featevo.silent.hooks import HOOKS, bracketed, passed


def test_the_hooks_are_those_of_lightning():
    assert {"setup", "teardown", "on_fit_start", "on_train_batch_end", "on_save_checkpoint", "on_exception"} < {*HOOKS}
    assert not {"state_dict", "load_state_dict", "state_key"} & {*HOOKS}
    assert all(hasattr(lightning.Callback, name) for name in HOOKS)


class Mixin:
    """Hooks beside the base class."""

    def __init__(self):
        self.calls = []

    def setup(self, trainer, pl_module, stage):
        self.calls.append(stage)

    def on_train_end(self, trainer, pl_module):
        self.calls.append("train_end")


@pytest.mark.parametrize("package", [pl, lightning])
def test_own_and_inherited_hooks_are_bracketed(package):
    callback, entered = type("Mine", (Mixin, package.Callback), {})(), []

    @contextmanager
    def bracket(hook, trainer, module, arguments):
        callback.calls.append(f"before {hook}")
        yield
        entered.append((hook, trainer, module, arguments))

    with bracketed(callback, bracket):
        assert {*vars(callback)} == {"calls", "setup", "on_train_end"}
        callback.setup("trainer", "module", stage="fit")
        callback.on_train_end("trainer", "module")
        callback.on_train_start("trainer", "module")
    assert callback.calls == ["before setup", "fit", "before on_train_end", "train_end"]
    assert entered == [("setup", "trainer", "module", ()), ("on_train_end", "trainer", "module", ())]
    assert {*vars(callback)} == {"calls"}


def test_hooks_of_a_lambda_callback_are_its_own_again_after_an_error():
    def fails(trainer, pl_module):
        raise RuntimeError("as promised")

    @contextmanager
    def bracket(*called):
        yield

    callback: Any = pl.callbacks.LambdaCallback(on_fit_start=fails)
    with pytest.raises(RuntimeError, match="as promised"), bracketed(callback, bracket):
        callback.on_fit_start(None, None)
    assert callback.on_fit_start is fails


def test_what_a_hook_is_called_with():
    assert dict(passed("on_train_batch_end", (1, 2, 0))) == {"the step's outputs": (1,), "the batch": (2,)}
    assert dict(passed("on_before_backward", (3,))) == {"the loss": (3,)}
    assert dict(passed("setup", ())) == dict(passed("the end of fit", ())) == {}
