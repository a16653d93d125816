"""A report as somebody reads it: HTML, a workbook, PDF. Each takes the finished report and adds nothing to it."""
