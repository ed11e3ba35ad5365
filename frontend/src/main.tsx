import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { takeToken } from "@/api/token";
import { createTransport } from "@/api/transport";
import { App } from "@/app/app";
import { applyAppearance, rememberedAppearance } from "@/app/appearance";
import { createServices } from "@/app/services";
import { startI18n, systemLocale } from "@/i18n";
import "@/styles/app.css";

const remembered = rememberedAppearance();
applyAppearance(remembered);
const i18n = startI18n(remembered.locale || systemLocale());

// Before the router starts: the token's fragment is not a route.
const token = takeToken(window.location, window.history, window.sessionStorage);
const services = createServices(createTransport({ token, locale: () => i18n.language }));

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App services={services} />
  </StrictMode>,
);
