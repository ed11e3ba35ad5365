#!/bin/bash
cut -d ' ' -f 2 "$1" | uniq -c | sort -rn | head -n 3
