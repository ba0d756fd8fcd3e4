mod oracle;
mod subset;
mod worked;
