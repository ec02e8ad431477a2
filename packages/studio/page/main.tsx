import './styles/page.css';
import { render } from 'preact';
import { restoreHistory } from './state/history.js';
import { showNewest } from './state/painting.js';
import { start } from './state/session.js';
import { App } from './views/app.js';

render(<App />, document.getElementById('studio')!);
void restoreHistory().then(showNewest);
void start();
