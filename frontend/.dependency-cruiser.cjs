/** The import rule of the frontend. Shared code knows no feature; features meet only in app. */
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "Two files that need each other are one file, or hide a third.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "features-never-import-features",
      comment: "Compose features in app; share through api, ui and commands.",
      severity: "error",
      from: { path: "^src/features/([^/]+)/" },
      to: { path: "^src/features/", pathNot: "^src/features/$1/" },
    },
    {
      name: "shared-code-imports-no-feature",
      comment: "ui, api, commands and i18n must work without any screen.",
      severity: "error",
      from: { path: "^src/(ui|api|commands|i18n)/" },
      to: { path: "^src/(features|app)/" },
    },
    {
      name: "features-never-import-app",
      comment: "The shell wires features, never the other way round.",
      severity: "error",
      from: { path: "^src/features/" },
      to: { path: "^src/app/" },
    },
    {
      name: "ui-is-presentation",
      comment: "A component that fetches is a feature.",
      severity: "error",
      from: { path: "^src/ui/", pathNot: "\\.test\\.tsx?$" },
      to: { path: "^src/(api|gen)/|@connectrpc|react-query" },
    },
    {
      name: "testing-stays-in-tests",
      comment: "The fake server must not reach the product.",
      severity: "error",
      from: { pathNot: "^src/testing/|\\.test\\.tsx?$" },
      to: { path: "^src/testing/" },
    },
    {
      name: "no-unknown-packages",
      comment: "Everything imported is pinned in package.json.",
      severity: "error",
      from: {},
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "dev-packages-stay-in-tests",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/testing/|\\.test\\.tsx?$" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^src/gen/" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "browser", "default"] },
  },
};
