#!/bin/bash
cut -d ' ' -f 2 visits.log | sort | uniq -c | sort -rn | head -n 3
