from sol import nothing
