"""The practice city: invented people who talk with Chicago's real districts.

What is shown on the first start, on the practice network and in staff training. `content` reads and
checks the files beside it, `load` plays their past into a database by the same deeds that members
use, `trickle` lets residents go on talking while somebody looks.
"""
