/** The one script of every page. Pages work without it; each island makes one thing livelier. */
import "htmx.org";
import "./choices";
import "./drawer";
import "./eyes";
import "./idle";
import "./live";
import "./menus";
import "./resumable";
import "./sheets";
import "./tables";

import.meta.glob("../../*/*/islands/*.ts", { eager: true });
import.meta.glob("../../portal/islands/*.ts", { eager: true });
