/** The part of the desktop window's bridge that Carrel uses. Everything else goes through Connect. */
interface WailsWindow {
  go?: { app?: { Chrome?: { ChooseFolder?: (title: string) => Promise<string> } } };
  runtime?: { BrowserOpenURL?: (url: string) => void; WindowSetTitle?: (title: string) => void };
}

/** What only a native window can do. Absent functions mean: this is a browser. */
export interface Native {
  /** Asks for a folder; "" when the person closed the dialog. */
  chooseFolder?: (title: string) => Promise<string>;
  /** Opens a web page outside the window. */
  openExternal?: (url: string) => void;
  setTitle?: (title: string) => void;
}

/** Looks at the bridge anew each time: Wails installs it after our first script may have run. */
export function native(bridge: WailsWindow = window as unknown as WailsWindow): Native {
  return {
    chooseFolder: bridge.go?.app?.Chrome?.ChooseFolder,
    openExternal: bridge.runtime?.BrowserOpenURL,
    setTitle: bridge.runtime?.WindowSetTitle,
  };
}
