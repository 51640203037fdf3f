/** How long rows are kept that nobody needs for ever, and what removes them. */
@NullMarked
package dev.otaverify.kit.retention;

import org.jspecify.annotations.NullMarked;
