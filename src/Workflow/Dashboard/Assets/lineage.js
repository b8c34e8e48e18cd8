// A graph wider than its page is first seen where the artifact in question is.
(() => {
"use strict";

document.querySelectorAll(".graph").forEach(graph => {
  const here = graph.querySelector(".here");
  if (here) {
    const box = here.getBoundingClientRect();
    graph.scrollLeft += box.left + box.width / 2 - graph.getBoundingClientRect().left - graph.clientWidth / 2;
  }
});
})();
