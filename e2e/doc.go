// Package e2e tests the product as its users have it: the real programs, a real Docker, a real
// PostgreSQL, a real browser and a real window.
package e2e
