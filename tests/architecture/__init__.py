"""The rules of the house that no linter knows. A breach is a red build, not an argument."""
