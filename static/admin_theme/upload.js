// Sends a picture to the library, for whoever asks by the event "picture:upload" on
// document:
//   detail.source    an element with data-library (address)
//   detail.file      the file
//   detail.progress  called with the share that is sent, 0 to 1
//   detail.done      called once with the server's answer: {image, duplicate} or
//                    {error}; {} when there is none, {cancelled: true} after cancel
//   detail.cancel    set here: a function that ends the sending
// Needs: the form's csrfmiddlewaretoken. Without it: pictures are added on their own
// page.

document.addEventListener("picture:upload", ({ detail }) => {
  const data = new FormData();
  data.append("file", detail.file);
  const request = new XMLHttpRequest(); // fetch does not tell of progress
  request.open("POST", detail.source.dataset.library);
  request.setRequestHeader(
    "X-CSRFToken",
    document.querySelector("input[name=csrfmiddlewaretoken]").value,
  );
  request.setRequestHeader("Accept", "application/json");
  request.upload.onprogress = (event) => {
    if (event.lengthComputable) detail.progress(event.loaded / event.total);
  };
  let cancelled = false;
  request.onloadend = () => {
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      answer = {};
    }
    detail.done(cancelled ? { cancelled } : answer);
  };
  detail.cancel = () => {
    cancelled = true;
    request.abort();
  };
  request.send(data);
});
