module dspy

go 1.24
