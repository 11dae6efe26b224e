"use strict";
// Decisions are kept in the page itself: a saved copy opens with them.
const decisions = [...document.querySelectorAll(".decision")];
const count = () => {
  const made = decisions.filter((one) => one.querySelector("input:checked")).length;
  document.getElementById("count").textContent = `${made} of ${decisions.length} decided`;
};
let unsaved = false;
document.addEventListener("input", () => { unsaved = true; count(); });
document.getElementById("save").addEventListener("click", () => {
  document.querySelectorAll("input").forEach((one) => one.toggleAttribute("checked", one.checked));
  document.querySelectorAll("textarea").forEach((one) => { one.textContent = one.value; });
  const page = new Blob(["<!doctype html>\n" + document.documentElement.outerHTML], { type: "text/html" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(page);
  link.download = decodeURIComponent(location.pathname.split("/").pop()) || "draft.html";
  link.click();
  unsaved = false;
});
addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
document.querySelector(".tools").hidden = false;
count();
