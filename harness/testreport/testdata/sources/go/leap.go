package leap

func IsLeap(y int) bool { return y%4 == 0 }
func Boom(xs []int) int { return xs[3] }
