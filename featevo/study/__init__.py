"""The paper's conclusions as tested statements over many runs; the plan was fixed first: docs/study-plan.md."""
