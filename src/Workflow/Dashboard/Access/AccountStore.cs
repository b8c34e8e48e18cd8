using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Workflow.Artifacts;

namespace Workflow.Dashboard.Access;

/// <summary>What can be done to accounts; each act leaves a line in the audit with who did it and why.</summary>
sealed partial class AccountStore(HomePaths paths, TimeProvider time)
{
    readonly AccountFile file = new(paths);
    readonly AccessAudit audit = new(paths, time);

    /// <summary>All accounts, by name.</summary>
    public IReadOnlyList<Account> All => file.Read();

    /// <summary>Where they lie.</summary>
    public string Place => file.Place;

    /// <inheritdoc cref="AccountFile.RequireOwnerOnly"/>
    public void RequireOwnerOnly() => file.RequireOwnerOnly();

    /// <summary>The account of a name, or null.</summary>
    public Account? Find(string name) => All.FirstOrDefault(a => a.Is(name));

    /// <summary>The account of a session, while its password is the same; else null.</summary>
    public Account? OfSession(string? id, string? stamp) => id is null || stamp is null ? null : All.FirstOrDefault(a => a.Id == id && a.Stamp == stamp);

    /// <summary>The account that a token acts as, while it counts; else null.</summary>
    public Account? OfToken(string token)
    {
        var hash = HashOf(token);
        return All.FirstOrDefault(a => a.Tokens.Any(t => t.Sha256 == hash && t.Expires > time.GetUtcNow()));
    }

    /// <summary>Adds an account.</summary>
    /// <exception cref="WorkflowException">The name is none or taken, or the password is too short.</exception>
    public void Add(string name, Role role, string password, string actor, string reason)
    {
        if (!Name().IsMatch(name))
        {
            throw new WorkflowException($"Found account name '{name}'; expected letters, digits, '.', '_', '-' or '@', 64 at most, beginning with a letter or digit.", exitCode: 2);
        }

        var account = new Account(Random(12), name, role, Passwords.Hash(password), Random(12), time.GetUtcNow(), []);
        Change(name, "account.add", actor, reason, null, accounts =>
        {
            if (accounts.Exists(a => a.Is(name)))
            {
                throw new WorkflowException($"There is an account '{name}' already. Its password is changed with: workflow account password {name}");
            }

            accounts.Add(account);
        });
    }

    /// <summary>Removes an account: its sessions and tokens end.</summary>
    /// <exception cref="WorkflowException">There is none, or it is the last admin's while others remain.</exception>
    public void Remove(string name, string actor, string reason)
    {
        var account = Known(name);
        Change(account.Name, "account.remove", actor, reason, new { role = account.Role.Word() }, accounts =>
        {
            accounts.RemoveAll(a => a.Is(name));
            KeepAnAdmin(accounts, account);
        });
    }

    /// <summary>Gives an account another role; it counts at its next request.</summary>
    /// <exception cref="WorkflowException">There is none, or it is the last admin.</exception>
    public void SetRole(string name, Role role, string actor, string reason)
    {
        var account = Known(name);
        Change(account.Name, "account.role", actor, reason, new { role = account.Role.Word() }, accounts =>
        {
            Replace(accounts, name, a => a with { Role = role });
            KeepAnAdmin(accounts, account);
        });
    }

    /// <summary>Gives an account another password: its other sessions end, its tokens stay.</summary>
    /// <returns>The account as it is now.</returns>
    /// <exception cref="WorkflowException">There is none, or the password is too short.</exception>
    public Account SetPassword(string name, string password, string actor, string reason)
    {
        var (hash, stamp) = (Passwords.Hash(password), Random(12));
        Change(Known(name).Name, "account.password", actor, reason, null, accounts => Replace(accounts, name, a => a with { Password = hash, Stamp = stamp }));
        return Known(name);
    }

    /// <summary>Makes a token that acts as an account.</summary>
    /// <returns>The token, which is known to nobody else, and its row.</returns>
    /// <exception cref="WorkflowException">There is no such account, or the days are not 1 to 3650.</exception>
    public (string Token, ApiToken Row) AddToken(string name, string note, int days, string actor, string reason)
    {
        if (days is < 1 or > 3650)
        {
            throw new WorkflowException($"Found {days} days; a token lasts 1 to 3650 days.", exitCode: 2);
        }

        var token = "wf_" + Random(32);
        var row = new ApiToken(HashOf(token)[..8], HashOf(token), note.Length > 100 ? note[..100] : note, time.GetUtcNow(), time.GetUtcNow().AddDays(days));
        Change(Known(name).Name, "account.token", actor, reason, null, accounts => Replace(accounts, name, a => a with { Tokens = [.. a.Tokens, row] }));
        return (token, row);
    }

    /// <summary>Ends a token.</summary>
    /// <exception cref="WorkflowException">The account has none of this id.</exception>
    public void RevokeToken(string name, string id, string actor, string reason)
    {
        var token = Known(name).Tokens.FirstOrDefault(t => t.Id == id) ?? throw new WorkflowException($"The account '{name}' has no token '{id}'. `workflow account token {name} --list` lists them.");
        Change(Known(name).Name, "account.token.revoke", actor, reason, new { token = token.Id, note = token.Note }, accounts => Replace(accounts, name, a => a with { Tokens = [.. a.Tokens.Where(t => t.Id != id)] }));
    }

    void Change(string name, string action, string actor, string reason, object? before, Action<List<Account>> change) =>
        file.Change(change, () => audit.Add(actor, action, AccessAudit.Target(name), reason, before));

    Account Known(string name) => Find(name) ?? throw Unknown(name);

    static WorkflowException Unknown(string name) => new($"There is no account '{name}'. `workflow account list` lists them.");

    static void Replace(List<Account> accounts, string name, Func<Account, Account> change)
    {
        var at = accounts.FindIndex(a => a.Is(name));
        accounts[at] = at < 0 ? throw Unknown(name) : change(accounts[at]);
    }

    static void KeepAnAdmin(List<Account> after, Account changed)
    {
        if (changed.Role == Role.Admin && after.Count > 0 && !after.Exists(a => a.Role == Role.Admin))
        {
            throw new WorkflowException($"'{changed.Name}' is the only admin: make somebody else one first.");
        }
    }

    static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    static string Random(int bytes) => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(bytes));

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}\z")]
    private static partial Regex Name();
}
