import os


def unset_empty_mode() -> None:
    """Remove an empty `WANDB_MODE`, which W&B refuses, from the environment."""
    if os.environ.get("WANDB_MODE") == "":
        del os.environ["WANDB_MODE"]


unset_empty_mode()  # before any module here imports W&B, which reads its environment once
