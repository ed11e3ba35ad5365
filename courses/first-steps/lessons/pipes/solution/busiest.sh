#!/bin/bash
# Shows the three pages with the most visits in the log "$1", the busiest first.

cut -d ' ' -f 2 "$1" | sort | uniq -c | sort -rn | head -n 3
