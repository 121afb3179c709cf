import { browserSuite } from "./browser-suite.ts";

browserSuite("chromium");
