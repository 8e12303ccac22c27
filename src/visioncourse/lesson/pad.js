// A square pad: pointer strokes on a canvas, sent to Python as SIDE×SIDE ink values in [0, 1].
const SIDE = 56;
const SCALE = 4;

function sample(context) {
  const data = context.getImageData(0, 0, SIDE * SCALE, SIDE * SCALE).data;
  const ink = new Array(SIDE * SIDE).fill(0);
  for (let y = 0; y < SIDE * SCALE; y++) {
    for (let x = 0; x < SIDE * SCALE; x++) {
      const cell = Math.floor(y / SCALE) * SIDE + Math.floor(x / SCALE);
      ink[cell] += data[4 * (y * SIDE * SCALE + x) + 3] / 255 / (SCALE * SCALE);
    }
  }
  return ink;
}

function render({ model, el }) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE * SCALE;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "Drawing pad: draw a digit with the pointer");
  canvas.style.cssText = "border:1px solid #707070; touch-action:none; background:white; cursor:crosshair";
  const context = canvas.getContext("2d");
  context.lineWidth = 18;
  context.lineCap = context.lineJoin = "round";
  const answer = document.createElement("p");
  answer.setAttribute("aria-live", "polite");
  const clear = document.createElement("button");
  clear.textContent = "Wipe the pad";

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const send = () => {
    model.set("pixels", sample(context));
    model.save_changes();
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    context.beginPath();
    context.moveTo(...place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons === 0) return;
    context.lineTo(...place(event));
    context.stroke();
  });
  canvas.addEventListener("pointerup", send);
  clear.addEventListener("click", () => {
    context.clearRect(0, 0, canvas.width, canvas.height);
    send();
  });
  const say = () => { answer.textContent = model.get("answer"); };
  model.on("change:answer", say);
  say();
  el.append(canvas, answer, clear);
}

export default { render };
