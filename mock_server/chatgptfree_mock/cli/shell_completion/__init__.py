"""
Shell completion of commands, options and values, by click's own mechanism.

Importing a command of this program takes a second or more, which is too slow for a Tab.  So `snapshot` keeps what all
commands look like in a file of the user's cache folder, and nothing but click is imported once that is there.
"""
