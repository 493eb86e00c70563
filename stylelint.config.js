/** Colours stand in tokens.css alone, so that both themes have each of them. */
const noRawColours = {
  "color-named": "never",
  "color-no-hex": true,
  "function-disallowed-list": ["rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color"],
};

export default {
  extends: ["stylelint-config-standard"],
  ignoreFiles: ["static/vendor/**", "static/dist/**"],
  reportNeedlessDisables: true,
  rules: {
    ...noRawColours,
    "alpha-value-notation": "number",
    "color-hex-length": "long",
    // A rule of one line, and the variants of a component beside it, are read as a table.
    "at-rule-empty-line-before": null,
    "comment-empty-line-before": null,
    "custom-property-empty-line-before": null,
    "declaration-block-single-line-max-declarations": null,
    "declaration-empty-line-before": null,
    "rule-empty-line-before": null,
    // Browsers of before 2023 do not know `width <= 899px`.
    "media-feature-range-notation": "prefix",
    // The layout of a page comes before its parts, which are more specific only by where they stand.
    "no-descending-specificity": null,
    "property-no-vendor-prefix": [true, { ignoreProperties: ["text-size-adjust"] }],
    // block--modifier
    "selector-class-pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)*(--[a-z0-9]+(-[a-z0-9]+)*)?$",
    "value-keyword-case": ["lower", { camelCaseSvgKeywords: true }],
  },
  overrides: [
    { files: ["static/src/widget/widget.css"], rules: { "function-no-unknown": [true, { ignoreFunctions: ["light", "dark"] }] } },
    {
      files: ["static/css/tokens.css"],
      rules: { "color-named": null, "color-no-hex": null, "function-disallowed-list": null },
    },
  ],
};
