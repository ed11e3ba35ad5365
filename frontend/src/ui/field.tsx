import { TriangleAlert } from "lucide-react";
import {
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
  FieldError,
  Input,
  Label,
  Text,
} from "react-aria-components";
import { classes } from "@/ui/classes";

export const inputClass =
  "h-9 w-full min-w-0 rounded-control border border-line-control bg-sheet px-3 text-ink placeholder:text-ink-faint " +
  "data-focused:outline-2 data-focused:-outline-offset-1 data-focused:outline-focus data-invalid:border-fail data-disabled:text-ink-disabled";

export interface FieldProps extends Omit<AriaTextFieldProps, "className" | "style" | "children"> {
  label: string;
  /** Keeps the label for screen readers only. */
  labelHidden?: boolean;
  placeholder?: string;
  description?: string;
  /** What is wrong and what to do; makes the field invalid. */
  error?: string;
  className?: string;
}

/** A line of text with its label, description and error. */
export function Field({
  label,
  labelHidden,
  placeholder,
  description,
  error,
  className,
  ...rest
}: FieldProps) {
  return (
    <AriaTextField
      {...rest}
      isInvalid={error ? true : rest.isInvalid}
      className={classes("flex min-w-0 flex-col gap-1", className)}
    >
      <Label className={labelHidden ? "sr-only" : "text-small font-medium text-ink-soft"}>{label}</Label>
      <Input placeholder={placeholder} className={inputClass} />
      {description && !error && (
        <Text slot="description" className="text-small text-ink-faint">
          {description}
        </Text>
      )}
      <FieldError className="flex items-center gap-1 text-small text-fail">
        {({ validationErrors }) => (
          <>
            <TriangleAlert aria-hidden size={14} />
            {error ?? validationErrors.join(" ")}
          </>
        )}
      </FieldError>
    </AriaTextField>
  );
}
