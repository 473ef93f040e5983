"""A sample of ``benchmarks/ask_faults.py``: answers outlive faults of the service and kills of the client."""

import json

from benchmarks.ask_faults import FAULTS, Asked, FaultyServer, Trial, answer, try_all


def test_faults_and_kills(tmp_path):
    trial = try_all(tmp_path, images=200, kills=3, size=2000, stall=6, seed=2)
    assert trial.violations == []
    assert trial.runs[0].ending == "killed"
    assert len({asked.reply for asked in trial.server.log} & FAULTS.keys()) >= 4


def test_the_oracle_finds_what_it_is_there_for(tmp_path):
    server = FaultyServer()
    server.server_close()
    trial = Trial(server, tmp_path / "a.jsonl", count=3, size=10, seed=1)
    recorded = [json.dumps({"key": name, "response": answer(name)}) for name in ("0.png", "1.png", "1.png", "9.png")]
    trial.path.write_text("\n".join([*recorded, recorded[0][:-9]]))
    trial._check_end()
    assert sorted(trial.violations) == [
        "1.png has 2 complete answers",
        "2.png has 0 complete answers",
        "9.png was never asked about",
    ]
    trial.violations.clear()
    trial._check_run([Asked(1, "0.png", "good"), Asked(1, "1.png", "cut JSON"), Asked(1, "1.png", "good")])
    assert trial.violations == []
    trial._check_run([Asked(1, "0.png", "good"), Asked(1, "0.png", "good")])
    assert trial.violations == ["run 1: 0.png was asked again after a whole answer"]
