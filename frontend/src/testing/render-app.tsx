import type { ConnectRouter } from "@connectrpc/connect";
import { render } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { App } from "@/app/app";
import { createServices } from "@/app/services";
import { FakeServer } from "@/testing/fake-server";

/** The whole app over a fake server, and a person to use it. */
export function renderApp(server = new FakeServer(), more?: (router: ConnectRouter) => void) {
  const services = createServices(server.transport(more));
  const view = render(<App services={services} />);
  return { server, services, view, user: userEvent.setup({ delay: null }) };
}

/** Puts text into a field at once; typing it letter by letter draws the whole screen for each. */
export async function fill(user: UserEvent, field: HTMLElement, text: string) {
  await user.click(field);
  await user.paste(text);
}
