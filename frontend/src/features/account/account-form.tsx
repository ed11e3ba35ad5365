import { CloudOff, TriangleAlert } from "lucide-react";
import { type FormEvent, useState } from "react";
import { toProblem } from "@/api/problem";
import { useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Segmented } from "@/ui/segmented";

export interface Credentials {
  serverUrl: string;
  email: string;
  password: string;
  register: boolean;
  name: string;
}

export interface AccountFormProps {
  /** The service to propose; empty at first. */
  serverUrl: string;
  error: unknown;
  isPending: boolean;
  onSubmit: (credentials: Credentials) => void;
  onCancel: () => void;
}

/** What the cloud asks for; it says so itself when it asks for more. */
const shortestPassword = 8;

export function AccountForm({ serverUrl, error, isPending, onSubmit, onCancel }: AccountFormProps) {
  const t = useT();
  const [form, setForm] = useState<Credentials>({
    serverUrl,
    email: "",
    password: "",
    register: false,
    name: "",
  });
  const set = (patch: Partial<Credentials>) => setForm((before) => ({ ...before, ...patch }));
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSubmit({ ...form, serverUrl: form.serverUrl.trim(), email: form.email.trim(), name: form.name.trim() });
  };
  return (
    <form onSubmit={send} className="grid gap-3">
      <p className="text-ink-soft">{t("account.why")}</p>
      <Segmented
        name={t("account.title")}
        value={form.register ? "register" : "signIn"}
        onChange={(mode) => set({ register: mode === "register" })}
        segments={[
          { id: "signIn", label: t("account.signIn") },
          { id: "register", label: t("account.register") },
        ]}
      />
      <Field
        label={t("account.server")}
        description={t("account.serverHint")}
        placeholder="https://carrel.school.example"
        type="url"
        isRequired
        value={form.serverUrl}
        onChange={(value) => set({ serverUrl: value })}
      />
      {form.register && (
        <Field
          label={t("account.name")}
          autoComplete="name"
          isRequired
          value={form.name}
          onChange={(value) => set({ name: value })}
        />
      )}
      <Field
        label={t("account.email")}
        type="email"
        autoComplete="username"
        isRequired
        value={form.email}
        onChange={(value) => set({ email: value })}
      />
      <Field
        label={t("account.password")}
        type="password"
        autoComplete={form.register ? "new-password" : "current-password"}
        description={form.register ? t("account.passwordHint", { count: shortestPassword }) : undefined}
        minLength={form.register ? shortestPassword : undefined}
        isRequired
        value={form.password}
        onChange={(value) => set({ password: value })}
      />
      {error !== null && error !== undefined && <Refusal error={error} />}
      <div className="mt-2 flex flex-wrap justify-end gap-2">
        <Button onPress={onCancel}>{t("dialog.cancel")}</Button>
        <Button kind="primary" type="submit" busy={isPending} isDisabled={isPending}>
          {form.register ? t("account.register") : t("account.signIn")}
        </Button>
      </div>
    </form>
  );
}

function Refusal({ error }: { error: unknown }) {
  const t = useT();
  const { kind, message, hint } = toProblem(error);
  const calm = kind === "offline" || kind === "unreachable";
  const Icon = calm ? CloudOff : TriangleAlert;
  return (
    <div role="alert" className="flex gap-2 text-small">
      <Icon aria-hidden size={16} className={calm ? "text-ink-faint" : "text-fail"} />
      <div>
        <p className={calm ? "text-ink" : "text-fail"}>{message || t("account.failed")}</p>
        {hint && <p className="text-ink-soft">{hint}</p>}
      </div>
    </div>
  );
}
