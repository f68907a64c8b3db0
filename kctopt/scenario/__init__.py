"""From scenario files to validated records and the base year they imply."""
