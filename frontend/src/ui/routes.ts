import { useLocation, useRoute } from "wouter";

export const libraryPath = "/";
export const doctorPath = "/doctor";
export const lessonPattern = "/course/:courseId/:slug";

/** The address of a lesson inside the app. */
export function lessonPath(courseId: string, slug: string): string {
  return `/course/${encodeURIComponent(courseId)}/${encodeURIComponent(slug)}`;
}

/** Goes to an address of this file. */
export function useGo(): (path: string) => void {
  const [, navigate] = useLocation();
  return navigate;
}

/** Whether the screen at the pattern is showing. */
export function useIsAt(pattern: string): boolean {
  const [matched] = useRoute(pattern);
  return matched;
}
