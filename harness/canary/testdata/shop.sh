case $1 in
greet) echo "Hello, $2!" ;;
total) echo $(($2 + $3)) ;;
names) sort | grep -v '}' ;;
*) exit 2 ;;
esac
