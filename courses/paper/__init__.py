"""Paper tests: marks entered in a grid or from a workbook, with the scan of the sheet."""
