"""What is counted: metrics, their folds and their definitions."""
