"""The demo city 云汀市（演示）: an invented region, created by writing roster files and importing them."""
