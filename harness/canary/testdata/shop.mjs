export const total = (items) => items.reduce((a, b) => a + b, 0);
export const later = async (n) => n;
export const names = (basket) => Object.keys(basket).sort();
export const nested = () => ({ a: [1, { b: "x" }], "c d": null, e: -2.5 });
export const isOpen = (day) => day !== "sunday";
export const greet = (name) => `Hello, ${name}!`;
