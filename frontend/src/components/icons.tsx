/** Line icons on a grid of 24, drawn in the colour of the text around them. */
const paths = {
  ticket: [
    "M3 8a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v2a2 2 0 0 0 0 4v2a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-2a2 2 0 0 0 0-4z",
    "M14 6v12",
  ],
  plus: ["M12 5v14", "M5 12h14"],
  stack: ["M4 7l8-4 8 4-8 4z", "M4 12l8 4 8-4", "M4 17l8 4 8-4"],
  receipt: ["M6 3h12v18l-3-2-3 2-3-2-3 2z", "M9 8h6", "M9 12h6"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  lock: ["M6 11h12v9H6z", "M8.5 11V8a3.5 3.5 0 0 1 7 0v3"],
  clock: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M12 7.5V12l3 2"],
  cross: ["M6 6l12 12", "M18 6L6 18"],
  calendar: ["M4 6h16v14H4z", "M4 10h16", "M8 3v4", "M16 3v4"],
  pin: [
    "M12 21s7-6.2 7-11.5A7 7 0 0 0 5 9.5C5 14.8 12 21 12 21z",
    "M12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  ],
  seat: ["M7 4v9h10V4", "M5 13h14v4H5z", "M7 17v4", "M17 17v4"],
  offline: [
    "M3 3l18 18",
    "M5 12a10 10 0 0 1 4-2.4",
    "M15 9.6A10 10 0 0 1 19 12",
    "M8.5 15.5a5 5 0 0 1 7 0",
    "M12 19h.01",
  ],
  sync: [
    "M20 11a8 8 0 0 0-14.5-4L3 9.5",
    "M3 4.5v5h5",
    "M4 13a8 8 0 0 0 14.5 4l2.5-2.5",
    "M21 19.5v-5h-5",
  ],
  sold: ["M5 12.5l4.5 4.5L19 7.5"],
  user: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4.5 20a7.5 7.5 0 0 1 15 0"],
  card: ["M3 6h18v12H3z", "M3 10h18", "M7 15h3"],
  warning: ["M12 4l9 16H3z", "M12 10v4", "M12 17h.01"],
  edit: ["M4 20l1-4L16 5l3 3L8 19z"],
  trash: ["M5 7h14", "M9 7V4h6v3", "M7 7l1 13h8l1-13"],
} satisfies Record<string, string[]>;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {paths[name].map((d) => (
        <path key={d} d={d} />
      ))}
    </svg>
  );
}
