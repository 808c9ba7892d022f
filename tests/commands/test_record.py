"""`python -m featevo.record check`: its lines and exit codes."""

from featevo.commands.record import main


def test_a_whole_record(make_run, capsys):
    run = make_run()
    assert main(["check", str(run)]) == 0
    assert capsys.readouterr().out == f"{run}: no problem\n"


def test_one_line_for_each_problem(make_run, capsys):
    run = make_run()
    (run / "evolution/epoch=001/000.png").unlink()
    (run / "evolution/a\nb\x1b[31m.png").touch()
    assert main(["check", str(run)]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"{run}/evolution/epoch=001/000.png is missing"
    assert second == f"{run}/evolution/a?b?[31m.png is in no snapshot of the index"


def test_a_folder_without_a_run(tmp_path, capsys):
    assert main(["check", str(tmp_path)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"Error: {tmp_path} is not a run folder")
