// Which elements a page has, and of which kind, is proved by the tests in a browser: to the type checker an element that
// was looked up may be any. The pages of other sites find the widget at `Beneficiate`.

interface ParentNode {
  querySelector(selectors: string): any;
  querySelectorAll(selectors: string): NodeListOf<any>;
}

interface Element {
  closest(selectors: string): any;
  cloneNode(subtree?: boolean): any;
}

interface Document {
  readonly activeElement: any;
  getElementById(elementId: string): any;
}

interface EventTarget {
  readonly dataset: DOMStringMap;
  id: any;
  value: any;
  closest(selectors: string): any;
}

interface Window {
  Beneficiate: any;
}
