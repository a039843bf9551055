"""How well text can be read on a page: contrast ratios as WCAG 2.2 (1.4.3) computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page

_FAINT = """
(least) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const over = (top, bottom) => top.slice(0, 3).map((part, index) => part * top[3] + bottom[index] * (1 - top[3]));
  const parsed = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const page = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  const behind = (element) => {
    const own = parsed(getComputedStyle(element).backgroundColor);
    if (own[3] === 1) return own.slice(0, 3);
    return over(own, element.parentElement ? behind(element.parentElement) : page);
  };
  const light = (colour) => colour.map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const ratio = (one, other) => {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim().slice(0, 40);
    if (!text || !element.checkVisibility() || element.closest("script, style, datalist")) continue;
    const ground = behind(element);
    const contrast = ratio(over(parsed(getComputedStyle(element).color), ground), ground);
    if (contrast < least) found.push(`${contrast.toFixed(2)}: ${element.tagName}.${element.className}: ${text}`);
  }
  return [...new Set(found)];
}
"""


async def faint(page: Page, *, least: float = 4.5) -> list[str]:
    """Return each visible text of *page* whose contrast with what is behind it is below *least*, a line each."""
    found: list[str] = await page.evaluate(_FAINT, least)
    return found


async def overflow(page: Page) -> int:
    """Return by how many pixels *page* is wider than its window."""
    found: int = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found
