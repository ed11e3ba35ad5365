import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  createRouterTransport,
  type Transport,
} from "@connectrpc/connect";
import { CheckService } from "@/gen/carrel/ide/v1/check_service_pb";
import { type Event, EventSchema, EventService } from "@/gen/carrel/ide/v1/event_service_pb";
import { LibraryService, type ListCoursesResponse } from "@/gen/carrel/ide/v1/library_service_pb";
import {
  type DiagnoseResponseSchema,
  type Settings,
  SettingsSchema,
  SettingsService,
} from "@/gen/carrel/ide/v1/settings_service_pb";
import {
  type SignInRequest,
  SyncService,
  SyncState,
  type SyncStatus,
  SyncStatusSchema,
} from "@/gen/carrel/ide/v1/sync_service_pb";
import { sampleLibrary, sketchCourse } from "@/testing/sample-library";

/** A local server in memory, with the behaviour the screens rely on. Tests change its state and look at what came. */
export class FakeServer {
  library: ListCoursesResponse = sampleLibrary();
  settings: Settings = create(SettingsSchema, { locale: "en" });
  status: SyncStatus = create(SyncStatusSchema, { state: SyncState.SIGNED_OUT });
  findings: MessageInitShape<typeof DiagnoseResponseSchema>["findings"] = [
    { subject: "Docker", ok: true, message: "Docker 27.1 is running." },
  ];
  /** Set to make every call fail with it. */
  failure: ConnectError | undefined;
  /** Set to keep the library's answer away. */
  isSlow = false;
  readonly signIns: SignInRequest[] = [];

  private readonly events: Event[] = [];
  private hasGap = false;
  private readonly waiting = new Set<() => void>();

  /** Everything the frontend calls, plus what `more` adds or replaces. */
  transport(more?: (router: ConnectRouter) => void): Transport {
    return createRouterTransport((router) => {
      this.serveEvents(router);
      this.serveLibrary(router);
      this.serveSync(router);
      this.serveSettings(router);
      router.service(CheckService, {
        listAttempts: () => ({ attempts: [] }),
        listRunners: () => ({ runners: [] }),
      });
      more?.(router);
    });
  }

  /** Puts an event into the log. */
  emit(kind: MessageInitShape<typeof EventSchema>["kind"]): void {
    this.events.push(create(EventSchema, { number: BigInt(this.events.length + 1), kind }));
    for (const wake of [...this.waiting]) wake();
  }

  /** Makes the next poll report that events were lost. */
  loseEvents(): void {
    this.hasGap = true;
    for (const wake of [...this.waiting]) wake();
  }

  /** How many polls wait for news now. */
  get openPolls(): number {
    return this.waiting.size;
  }

  private check(): void {
    if (this.failure) throw this.failure;
  }

  private serveEvents(router: ConnectRouter): void {
    router.service(EventService, {
      pull: async ({ cursor, maxWaitMs }, context) => {
        if (Number(cursor) >= this.events.length && maxWaitMs > 0) {
          await new Promise<void>((resolve) => {
            const wake = () => {
              this.waiting.delete(wake);
              resolve();
            };
            this.waiting.add(wake);
            context.signal.addEventListener("abort", wake);
          });
        }
        const gap = this.hasGap;
        this.hasGap = false;
        return { events: this.events.slice(Number(cursor)), cursor: BigInt(this.events.length), gap };
      },
    });
  }

  private serveLibrary(router: ConnectRouter): void {
    router.service(LibraryService, {
      listCourses: async () => {
        this.check();
        if (this.isSlow) await new Promise(() => {});
        return this.library;
      },
      addFolder: ({ path }) => {
        if (!path.startsWith("/")) {
          throw new ConnectError("There is no course in this folder.", Code.NotFound, {
            "carrel-hint": encodeURIComponent("Choose the folder that holds course.yaml."),
          });
        }
        const card = sketchCourse({
          id: "added",
          en: "Added",
          ru: "Новый",
          tags: [],
          lessons: [["One", "Один"]],
        });
        this.library.courses.unshift(card);
        return { course: card };
      },
      installCourse: ({ courseId }) => ({ taskId: `install-${courseId}` }),
    });
  }

  private serveSync(router: ConnectRouter): void {
    router.service(SyncService, {
      status: () => ({ status: this.status }),
      syncNow: () => {
        this.status = create(SyncStatusSchema, { ...this.status, state: SyncState.SYNCED, waiting: 0 });
        return { status: this.status };
      },
      signIn: (request) => {
        this.signIns.push(request);
        if (request.password === "wrong password") {
          throw new ConnectError("The e-mail and the password do not go together.", Code.Unauthenticated, {
            "carrel-hint": encodeURIComponent("Look at both again."),
          });
        }
        this.status = create(SyncStatusSchema, {
          state: SyncState.SYNCED,
          accountName: request.name || "Anna Smirnova",
          accountEmail: request.email,
          serverUrl: request.serverUrl,
        });
        return { status: this.status };
      },
      signOut: () => {
        this.status = create(SyncStatusSchema, {
          state: SyncState.SIGNED_OUT,
          serverUrl: this.status.serverUrl,
        });
        return { status: this.status };
      },
    });
  }

  private serveSettings(router: ConnectRouter): void {
    router.service(SettingsService, {
      readSettings: () => ({ settings: this.settings, version: "1.0.0" }),
      writeSettings: ({ settings }) => {
        if (settings) this.settings = settings;
        return {};
      },
      diagnose: () => {
        this.check();
        return { findings: this.findings };
      },
    });
  }
}
