drop table invitation, role_grant, notice_off, login_failure, recovery_code, token, account;
