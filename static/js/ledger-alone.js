// One payment on a page of its own.

import { listen } from "./ledger-live.js";
import { OpenPayment } from "./ledger-payment.js";

const payment = new OpenPayment(document.getElementById("payment"));
listen((id) => { if (id === payment.id) payment.hear(); }, () => payment.hear());
