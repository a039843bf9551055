/*
 * The chat of WPAICG in the browser.  It asks as the real front end of the release asks: the line above this
 * file says how.  Whether the answer streams is what the page announces; what comes is read for what it is.
 */
(function () {
  "use strict";

  const options = window.chatReleaseOptions;
  const FLAGS = ["tokenLimitReached", "messageFlagged", "pineconeError", "ipBanned", "modflag"];
  const FAILED = "Something went wrong. Please clear your cache and try again.";

  const KINDS = {
    shortcode: {
      action: "wpaicg_chat_shortcode_message",
      prefix: "wpaicg-chat-shortcode",
      user: "wpaicg-user-message",
      ai: "wpaicg-ai-message",
    },
    widget: {
      action: "wpaicg_chatbox_message",
      prefix: "wpaicg-chatbox",
      user: "wpaicg-chat-user-message",
      ai: "wpaicg-chat-ai-message",
    },
  };

  function escapeMessage(text) {
    const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#039;" };
    return text.replace(/[&<>"']/g, (letter) => entities[letter]);
  }

  function stored(key, make) {
    try {
      const known = window.localStorage.getItem(key);
      if (known) {
        return known;
      }
      const made = make();
      window.localStorage.setItem(key, made);
      return made;
    } catch {
      return make();
    }
  }

  function randomText(length) {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const numbers = window.crypto.getRandomValues(new Uint8Array(length));
    return Array.from(numbers, (number) => letters[number % letters.length]).join("");
  }

  /** The data- attributes of a chat by the names that this script knows, whatever this release calls them. */
  function dataOf(box) {
    const data = { ...box.dataset };
    for (const [slot, name] of Object.entries(options.attributes || {})) {
      const key = slot.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());
      data[key] = box.getAttribute(`data-${name}`);
    }
    return data;
  }

  class Chat {
    constructor(box) {
      this.box = box;
      this.data = dataOf(box);
      this.kind = KINDS[this.data.type];
      this.list = box.querySelector(`.${this.kind.prefix}-messages`);
      this.input = box.querySelector(`.${this.kind.prefix}-typing`);
      this.button = box.querySelector(`.${this.kind.prefix}-send`);
      this.waiting = box.querySelector(".wpaicg-bot-thinking");
      this.history = [];
      this.busy = false;
      this.list.setAttribute("role", "log");
      this.list.setAttribute("aria-live", "polite");
      this.paint();
      this.listen();
    }

    paint() {
      const colours = { user: "userBgColor", ai: "aiBgColor", ink: "color" };
      for (const [name, key] of Object.entries(colours)) {
        if (this.data[key]) {
          this.box.style.setProperty(`--wpaicg-${name}`, this.data[key]);
        }
      }
    }

    listen() {
      this.button.addEventListener("click", () => this.send());
      this.button.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          this.send();
        }
      });
      this.input.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
          event.preventDefault();
          this.send();
        }
      });
    }

    send() {
      const text = this.input.value;
      if (this.busy || !text.trim()) {
        return;
      }
      this.input.value = "";
      this.input.style.height = "auto";
      this.input.focus();
      this.add(this.kind.user).textContent = text;
      this.setBusy(true);
      const streams = this.data.openai_stream_nav === "1";
      const fields = this.fields(escapeMessage(text), text, streams);
      this.answer = { text: "", element: null };
      if (!streams) {
        this.askBuffered(fields);
      } else if (options.eventSource) {
        this.askEventSource(fields);
      } else {
        this.askStream(fields);
      }
    }

    /** The form fields in the order in which the release appends them. */
    fields(message, plain, streams) {
      const bot = parseInt(this.data.botId, 10);
      const form = new FormData();
      form.append("_wpnonce", this.data.nonce);
      form.append("post_id", this.data.postId);
      form.append("url", this.data.url);
      form.append("action", (options.actions || {})[this.kind.action] || this.kind.action);
      form.append("message", message);
      form.append("bot_id", bot);
      form.append("chatbot_identity", bot > 0 ? `custom_bot_${bot}` : this.data.type);
      const mine = { id: "", text: `Human: ${plain}` };
      const limit = options.historyLimitOnPage ? parseInt(this.data.memoryLimit, 10) || 100 : 10;
      const past = options.historyHoldsMessage ? [...this.history, mine] : this.history;
      const session = [
        ["wpaicg_chat_client_id", stored("wpaicg_chat_client_id", () => randomText(10))],
        ["wpaicg_chat_history", JSON.stringify(past.slice(-limit))],
      ];
      for (const [name, value] of options.clientIdFirst ? session : session.reverse()) {
        form.append(name, value);
      }
      if (streams || options.chatIdAlways) {
        form.append("chat_id", String(Math.floor(Math.random() * 100000) + 1));
      }
      this.history.push(mine);
      return form;
    }

    askEventSource(form) {
      const source = new EventSource(`${window.wpaicgParams.ajax_url}?${new URLSearchParams(form)}`);
      source.onmessage = (event) => {
        if (this.takeEvent(event.data)) {
          source.close();
          this.finish();
        }
      };
      source.onerror = () => {
        source.close();
        this.finish();
      };
    }

    async askStream(form) {
      try {
        const response = await fetch(window.wpaicgParams.ajax_url, {
          method: "POST",
          headers: { "Content-Type": "application/x-www-form-urlencoded" },
          body: new URLSearchParams(form).toString(),
        });
        if (!(response.headers.get("Content-Type") || "").startsWith("text/event-stream")) {
          this.takeWhole(response.status, await response.text());
          return;
        }
        await this.readStream(response.body.getReader());
        this.finish();
      } catch {
        this.fail(FAILED);
      }
    }

    /** Read on after the end mark, so that the connection ends as the server ends it; a refusal ends it here. */
    async readStream(reader) {
      const decoder = new TextDecoder();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        const lines = (rest + decoder.decode(value, { stream: !done })).split("\n");
        rest = done ? "" : lines.pop();
        for (const line of lines) {
          if (line.startsWith("data: ")) {
            this.takeEvent(line.slice(6));
          }
          if (!this.busy) {
            await reader.cancel();
            return;
          }
        }
        if (done) {
          return;
        }
      }
    }

    askBuffered(form) {
      const request = new XMLHttpRequest();
      request.open("POST", window.wpaicgParams.ajax_url);
      request.onload = () => this.takeWhole(request.status, request.responseText);
      request.onerror = () => this.fail(FAILED);
      request.send(form);
    }

    /** Take one event's data; returns true if nothing is to follow. */
    takeEvent(data) {
      if (data.trim() === "[DONE]") {
        return true;
      }
      let event;
      try {
        event = JSON.parse(data);
      } catch {
        return false;
      }
      if (FLAGS.some((flag) => event[flag])) {
        this.fail(event.msg);
        return true;
      }
      if (event.error) {
        this.fail(event.error.message || String(event.error));
        return true;
      }
      const choice = (event.choices || [])[0] || {};
      this.grow((choice.delta && choice.delta.content) || choice.text || "");
      return Boolean(options.eventSource && ["stop", "length"].includes(choice.finish_reason));
    }

    takeWhole(status, body) {
      let reply = null;
      try {
        reply = JSON.parse(body);
      } catch {
        reply = null;
      }
      if (reply === null || typeof reply !== "object") {
        const page = new DOMParser().parseFromString(body, "text/html");
        const plain = Array.from(page.body.childNodes, (node) => node.textContent.trim()).join(" ").trim();
        this.fail(status === 403 && plain ? plain.slice(0, 200) : FAILED);
      } else if (reply.status === "success" && reply.data) {
        this.grow(reply.data);
        this.finish(reply.log || "");
      } else if (reply.status === "success") {
        this.fail("Empty response from api. Check your server logs for more details.");
      } else {
        this.fail(reply.msg || FAILED);
      }
    }

    grow(text) {
      if (!text) {
        return;
      }
      this.waiting.style.display = "none";
      if (!this.answer.element) {
        this.answer.element = this.add(this.kind.ai);
      }
      this.answer.text += text;
      this.answer.element.textContent = this.answer.text;
      this.scroll();
    }

    finish(id = "") {
      if (!this.busy) {
        return;
      }
      if (this.answer.text) {
        this.history.push({ id, text: `AI: ${this.answer.text}` });
        this.setBusy(false);
      } else {
        this.fail(FAILED);
      }
    }

    fail(message) {
      const item = this.add(this.kind.ai);
      item.closest("li").classList.add("wpaicg-chat-error");
      item.closest("li").setAttribute("role", "alert");
      item.textContent = message;
      this.setBusy(false);
    }

    add(className) {
      const item = document.createElement("li");
      item.className = className;
      const paragraph = document.createElement("p");
      const text = document.createElement("span");
      text.className = "wpaicg-chat-message";
      paragraph.append(text);
      item.append(paragraph);
      this.list.append(item);
      this.scroll();
      return text;
    }

    setBusy(busy) {
      this.busy = busy;
      this.waiting.style.display = busy ? "block" : "none";
      this.box.setAttribute("aria-busy", String(busy));
      this.button.setAttribute("aria-disabled", String(busy));
      this.scroll();
    }

    scroll() {
      const area = this.list.parentElement;
      area.scrollTop = area.scrollHeight;
    }
  }

  function listenToggle(toggle) {
    const widget = toggle.closest(".wpaicg_chat_widget");
    const flip = () => {
      const open = widget.classList.toggle("wpaicg_widget_open");
      toggle.setAttribute("aria-expanded", String(open));
      toggle.setAttribute("aria-label", open ? "Close the chat" : "Open the chat");
      (open ? widget.querySelector("textarea") : toggle).focus();
    };
    toggle.setAttribute("aria-expanded", "false");
    toggle.addEventListener("click", flip);
    widget.addEventListener("keydown", (event) => {
      const pressed = event.target === toggle && (event.key === "Enter" || event.key === " ");
      if (pressed || (event.key === "Escape" && widget.classList.contains("wpaicg_widget_open"))) {
        event.preventDefault();
        flip();
      }
    });
  }

  document.querySelectorAll(".wpaicg-chat-shortcode, .wpaicg-chatbox").forEach((box) => new Chat(box));
  document.querySelectorAll(".wpaicg_toggle").forEach(listenToggle);
})();
