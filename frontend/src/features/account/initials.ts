/** One or two letters for a round badge: "Anna Smirnova" is "AS", "anna@school.example" is "A". */
export function initials(name: string): string {
  const words = name.split("@")[0]?.split(/\s+/).filter(Boolean) ?? [];
  const letters = words.map((word) => [...word][0] ?? "");
  return [letters[0], letters.length > 1 ? letters.at(-1) : ""].join("").toUpperCase();
}
