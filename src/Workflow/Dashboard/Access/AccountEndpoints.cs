using Workflow.Dashboard.Shell;

namespace Workflow.Dashboard.Access;

/// <summary>The pages of accounts: all of them for admins, their own for everyone who signed in.</summary>
sealed class AccountEndpoints(AccountStore accounts, PasswordChecks checks)
{
    /// <summary>Maps them.</summary>
    public static void Map(WebApplication app, DashboardContext context, WhoAsks who, PasswordChecks checks)
    {
        var endpoints = new AccountEndpoints(who.Accounts, checks);
        app.MapGet("/accounts", (string? did) => DashboardEndpoints.Page<AccountsPage>(new { Accounts = who.Accounts.All, who.Open, Did = did ?? "" })).Needs(Role.Admin);
        Acts.Post(app, context, "/accounts", Role.Admin, endpoints.Add);
        Acts.Post(app, context, "/accounts/{name}/role", Role.Admin, endpoints.SetRole);
        Acts.Post(app, context, "/accounts/{name}/remove", Role.Admin, endpoints.Remove);
        Acts.Show(app, context, "/accounts/{name}/tokens", Role.Admin, act => endpoints.AddToken(act, act.Route("name"), "/accounts"));
        Acts.Post(app, context, "/accounts/{name}/tokens/{id}/revoke", Role.Admin, act => endpoints.Revoke(act, act.Route("name"), "/accounts"));

        app.MapGet("/account", (HttpContext http, string? did) => endpoints.Own(http) is { } account
            ? DashboardEndpoints.Page<AccountPage>(new { Account = account, Did = did ?? "" })
            : DashboardEndpoints.Message("No account", "You were let in without signing in, so there is no password or token of yours here.", "/", "Overview", StatusCodes.Status404NotFound));
        Acts.Post(app, context, "/account/password", Role.Viewer, endpoints.ChangePasswordAsync, reason: false);
        Acts.Show(app, context, "/account/tokens", Role.Viewer, act => endpoints.AddToken(act, endpoints.Mine(act).Name, "/account"));
        Acts.Post(app, context, "/account/tokens/{id}/revoke", Role.Viewer, act => endpoints.Revoke(act, endpoints.Mine(act).Name, "/account"));
    }

    Account? Own(HttpContext http) => Visitor.Of(http) is { Way: "cookie" } visitor ? accounts.Find(visitor.Name) : null;

    Account Mine(Act act) => Own(act.Http) ?? throw new WorkflowException("Only who signed in with a password has an account to change. Sign in at /sign-in.");

    Task<string> Add(Act act) => Task.Run(() =>
    {
        accounts.Add(act.Field("name"), RoleWords.Require(act.Field("role")), act.Form["password"].ToString(), act.Visitor.Name, act.Reason);
        return "/accounts?did=add";
    });

    Task<string> SetRole(Act act) => Task.Run(() =>
    {
        accounts.SetRole(act.Route("name"), RoleWords.Require(act.Field("role")), act.Visitor.Name, act.Reason);
        return "/accounts?did=role";
    });

    Task<string> Remove(Act act) => Task.Run(() =>
    {
        accounts.Remove(act.Route("name"), act.Visitor.Name, act.Reason);
        return "/accounts?did=remove";
    });

    Task<IResult> AddToken(Act act, string name, string back) => Task.Run<IResult>(() =>
    {
        var days = int.TryParse(act.Field("days"), out var given) ? given : 0;
        var (token, row) = accounts.AddToken(name, act.Reason, days, act.Visitor.Name, act.Reason);
        return DashboardEndpoints.Page<TokenPage>(new { Name = name, Token = token, Row = row, Back = back });
    });

    Task<string> Revoke(Act act, string name, string back) => Task.Run(() =>
    {
        accounts.RevokeToken(name, act.Route("id"), act.Visitor.Name, act.Reason);
        return $"{back}?did=revoke";
    });

    async Task<string> ChangePasswordAsync(Act act)
    {
        var account = Mine(act);
        if (checks.Wait(act.Http.Connection.RemoteIpAddress, account.Name) is { } seconds)
        {
            throw new WorkflowException($"Too many attempts. Wait {Format.Duration(TimeSpan.FromSeconds(seconds))} and try again.");
        }

        if (!await checks.FitsAsync(account.Password, act.Form["current"].ToString(), act.Cancelled))
        {
            throw new WorkflowException("The present password is another one. Nothing was changed.");
        }

        var changed = await Task.Run(() => accounts.SetPassword(account.Name, act.Form["password"].ToString(), act.Visitor.Name, "changed by its owner"));
        await SessionCookie.BeginAsync(act.Http, changed);
        return "/account?did=password";
    }
}
