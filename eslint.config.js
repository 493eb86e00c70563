import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["static/dist/", "static/vendor/", "tests/**/vendor/", "var/", ".venv*/"] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: { ecmaVersion: 2024, sourceType: "module" },
    rules: {
      complexity: ["error", 15],
      eqeqeq: ["error", "always", { null: "ignore" }],
      "max-len": ["error", { code: 160, ignoreUrls: true, ignoreTemplateLiterals: true, ignoreStrings: true, ignoreRegExpLiterals: true }],
      "max-lines-per-function": ["error", { max: 60 }],
      "no-else-return": "error",
      "no-implicit-globals": "error",
      "no-shadow": "error",
      "no-unused-vars": ["error", { args: "after-used" }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
    },
  },
  { files: ["static/src/**/*.js"], languageOptions: { globals: globals.browser } },
  {
    files: ["static/src/ui/theme.js", "static/src/widget/widget.js", "static/src/push/service-worker.js"],
    languageOptions: { sourceType: "script" },
  },
  { files: ["*.config.js", "tools/**/*.js", "tests/js/**/*.js"], languageOptions: { globals: globals.nodeBuiltin } },
];
