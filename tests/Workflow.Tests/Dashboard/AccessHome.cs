using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Workflow.Artifacts;
using Workflow.Dashboard;
using Workflow.Dashboard.Access;

namespace Workflow.Tests.Dashboard;

/// <summary>A seeded home with an account of each role, and dashboards over it at which people sign in.</summary>
public sealed class AccessHome : IDisposable
{
    public const string Password = "correct horse battery";

    // As the program's hashes, but quick: a hash says itself how often it was turned.
    static readonly PasswordHasher<string> Quick = new(Options.Create(new PasswordHasherOptions { IterationCount = 100 }));

    public AccessHome()
    {
        Paths = new HomePaths(Home.Root);
        Accounts = new AccountStore(Paths, Clock);
        Add("anna", Role.Admin);
        Add("otto", Role.Operator);
        Add("vera", Role.Viewer);
    }

    internal void Add(string name, Role role) =>
        new AccountFile(Paths).Change(a => a.Add(new Account($"id-{name}", name, role, Quick.HashPassword("", Password), "stamp", Clock.GetUtcNow(), [])), () => { });

    internal SeededHome Home { get; } = new();

    internal HomePaths Paths { get; }

    internal AccountStore Accounts { get; }

    internal MovedClock Clock { get; } = new();

    internal Task<DashboardHost> StartAsync(AccessOptions? access = null, bool readOnly = false, string url = "http://127.0.0.1:0") => DashboardHost.StartAsync(
        new DashboardOptions { Home = Home.Root, Url = url, Time = Clock, Refresh = TimeSpan.FromMilliseconds(100), ReadOnly = readOnly, Access = access ?? new AccessOptions { SignIn = true, SignInsPerAddress = 1000, SignInsPerName = 1000 } },
        new Workflow.Cli.DashboardActions(Paths, Clock, TimeSpan.FromMinutes(10)), null, CancellationToken.None);

    /// <summary>Lines of the audit about an action: actor, target, reason.</summary>
    internal List<(string Actor, string Target, string Reason)> Audit(string action) =>
        Home.Ledger.Read(db => db.Query("SELECT actor, target, COALESCE(reason, '') FROM audit WHERE action=?1 ORDER BY seq", r => (r.Text(0), r.Text(1), r.Text(2)), action));

    public void Dispose() => Home.Dispose();

    /// <summary>The machine's clock, moved ahead by hand; timers run as ever.</summary>
    internal sealed class MovedClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }
}
