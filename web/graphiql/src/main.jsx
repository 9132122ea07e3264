import './workers.js';
import 'graphiql/style.css';
import './refero.css';
import { createRoot } from 'react-dom/client';
import { Page } from './page.jsx';

createRoot(document.getElementById('root')).render(<Page />);
