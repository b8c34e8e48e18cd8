using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Playwright;
using Workflow.Dashboard;
using Workflow.Dashboard.Access;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>Who is let in, and as what.</summary>
public sealed class AccessTests(AccessHome home) : IClassFixture<AccessHome>
{
    const string Cancel = $"/runs/{SeededHome.Live}/cancel";
    static readonly string RunPage = $"/runs/{SeededHome.Live}";

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_AreRefused_WithoutASession()
    {
        await using var host = await home.StartAsync();
        using var visit = new Visit(host.Address);
        using var page = await visit.GetAsync("/runs?state=failed");
        Assert.Equal((HttpStatusCode.Redirect, "/sign-in?return=%2Fruns%3Fstate%3Dfailed"), (page.StatusCode, page.Headers.Location?.ToString()));
        using var api = await visit.GetAsync("/api/nosuch", "application/json");
        Assert.Equal((HttpStatusCode.Unauthorized, "application/problem+json", "Bearer"), (api.StatusCode, api.Content.Headers.ContentType?.MediaType, api.Headers.WwwAuthenticate.ToString()));
        Assert.Equal(401, JsonDocument.Parse(await api.Content.ReadAsStringAsync(Cancelled)).RootElement.GetProperty("status").GetInt32());
        foreach (var path in new[] { "/live/overview", "/metrics", "/no/such/page", $"/artifacts/{SeededHome.Hash("report")}/report" })
        {
            using var answer = await visit.GetAsync(path, "*/*");
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        using var post = await visit.SendAsync(HttpMethod.Post, Cancel, new FormUrlEncodedContent([]), "text/html");
        Assert.Equal(HttpStatusCode.Unauthorized, post.StatusCode);
        foreach (var path in new[] { "/healthz/live", DashboardAssets.Address("site.css"), "/sign-in" })
        {
            using var answer = await visit.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Addresses_AllOfThem_AskWhoIsThere_AndActsForARole()
    {
        await using var host = await home.StartAsync();
        using var stranger = new Visit(host.Address);
        using var viewer = new Visit(host.Address);
        (await viewer.SignInAsync("vera", AccessHome.Password)).Dispose();
        var token = (await viewer.DocumentAsync("/runs")).QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        var (open, forViewers) = (new SortedSet<string>(StringComparer.Ordinal), new SortedSet<string>(StringComparer.Ordinal));
        foreach (var endpoint in host.Endpoints.OfType<RouteEndpoint>())
        {
            var (pattern, path) = (endpoint.RoutePattern.RawText!, Regex.Replace(endpoint.RoutePattern.RawText!, @"\{[^}]*\}", "x"));
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"])
            {
                using var body = method == "GET" ? null : new FormUrlEncodedContent([]);
                using var asked = await stranger.SendAsync(new HttpMethod(method), path, body, "*/*");
                if (asked.StatusCode != HttpStatusCode.Unauthorized)
                {
                    open.Add($"{method} {pattern}");
                }

                if (method != "GET" && asked.StatusCode == HttpStatusCode.Unauthorized)
                {
                    using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", token), new("reason", "because")]);
                    using var acted = await viewer.SendAsync(new HttpMethod(method), path, form, "*/*");
                    if (acted.StatusCode != HttpStatusCode.Forbidden)
                    {
                        forViewers.Add($"{method} {pattern}");
                    }
                }
            }
        }

        Assert.Equal(["GET /assets/{name}", "GET /healthz/live", "GET /healthz/ready", "GET /sign-in", "POST /sign-in", "POST /sign-out"], open);

        // What is not there is told to everyone; the rest changes nothing but the viewer's own account.
        Assert.Equal(["POST /account/password", "POST /account/tokens", "POST /account/tokens/{id}/revoke", "POST /api/{**rest}", "POST {*path:nonfile}"], forViewers);
    }

    [Fact]
    public async Task SignIn_OpensTheDashboard_AndSignOutClosesIt()
    {
        await using var host = await home.StartAsync();
        using var visit = new Visit(host.Address);
        using var answer = await visit.SignInAsync("OTTO", AccessHome.Password, "/runs?state=failed");
        Assert.Equal((HttpStatusCode.SeeOther, "/runs?state=failed"), (answer.StatusCode, answer.Headers.Location?.ToString()));
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("workflow-session-", StringComparison.Ordinal));
        Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("otto", (await visit.DocumentAsync("/runs")).QuerySelector(".visitor")!.TextContent, StringComparison.Ordinal);
        Assert.Contains(("otto", "account/otto", "from 127.0.0.1"), home.Audit("sign-in"));
        using var left = await visit.PostAsync("/runs", "/sign-out", []);
        Assert.Equal("/sign-in", left.Headers.Location?.ToString());
        using var after = await visit.GetAsync("/runs");
        Assert.Equal(HttpStatusCode.Redirect, after.StatusCode);
        Assert.Contains(("otto", "account/otto", "from 127.0.0.1"), home.Audit("sign-out"));
    }

    [Fact]
    public async Task SignIn_IsRefused_AndWrittenDown_WhenThePasswordIsWrong()
    {
        await using var host = await home.StartAsync();
        using var visit = new Visit(host.Address);
        using var wrong = await visit.SignInAsync("vera", "correct horse batterx");
        using var unknown = await visit.SignInAsync("my secret passphrase", AccessHome.Password);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (wrong.StatusCode, unknown.StatusCode));
        Assert.Equal(["Name or password is wrong.", "Name or password is wrong."], new[] { await FaultAsync(wrong), await FaultAsync(unknown) });
        Assert.DoesNotContain(visit.Cookies.GetAllCookies(), c => c.Name.StartsWith("workflow-session-", StringComparison.Ordinal));
        var failed = home.Audit("sign-in.failed");
        Assert.Contains(("vera", "account/vera", "wrong password, from 127.0.0.1"), failed);
        Assert.Contains(("nobody", "account/(unknown name)", "no such account, from 127.0.0.1"), failed);
        Assert.DoesNotContain(failed, f => f.ToString().Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SignIn_IsLimited_ByNameAndByAddress()
    {
        await using var host = await home.StartAsync(new AccessOptions { SignIn = true, SignInsPerName = 2, SignInsPerAddress = 4 });
        using var visit = new Visit(host.Address);
        async Task<HttpStatusCode> TryAsync(string name)
        {
            using var answer = await visit.SignInAsync(name, "wrong wrong wrong");
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
                Assert.StartsWith("Too many attempts.", await FaultAsync(answer), StringComparison.Ordinal);
            }

            return answer.StatusCode;
        }

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests], new[] { await TryAsync("vera"), await TryAsync("VERA"), await TryAsync("vera") });
        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests], new[] { await TryAsync("otto"), await TryAsync("anna") });
    }

    [Theory]
    [InlineData("https://evil.example/", "/")]
    [InlineData("//evil.example/", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("/\t/evil.example", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData("/sign-out", "/")]
    [InlineData("/runs/x?did=cancel", "/runs/x?did=cancel")]
    public void Return_GoesToPagesHereAlone(string asked, string expected) => Assert.Equal(expected, LocalAddress.Of(asked) ?? "/");

    [Fact]
    public async Task Viewer_SeesNoButtons_AndMayNotAct()
    {
        await using var host = await home.StartAsync();
        using var viewer = new Visit(host.Address);
        (await viewer.SignInAsync("vera", AccessHome.Password)).Dispose();
        Assert.Empty((await viewer.DocumentAsync(RunPage)).QuerySelectorAll("form[action$='/cancel']"));
        using var refused = await viewer.PostAsync(RunPage, Cancel, [("reason", "because")]);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("needs the role operator, and vera has the role viewer", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        using var accounts = await viewer.GetAsync("/accounts");
        Assert.Equal(HttpStatusCode.Forbidden, accounts.StatusCode);
        Assert.Empty(home.Audit("cancel"));

        // The role counts at the next request, and the act is theirs.
        home.Accounts.SetRole("vera", Role.Operator, "test", "holiday");
        Assert.Single((await viewer.DocumentAsync(RunPage)).QuerySelectorAll("form[action$='/cancel']"));
        using var done = await viewer.PostAsync(RunPage, Cancel, [("reason", "the corpus is the wrong one")]);
        Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        Assert.Equal([("vera", SeededHome.Live, "the corpus is the wrong one")], home.Audit("cancel"));
        home.Accounts.SetRole("vera", Role.Viewer, "test", "back");
        home.Home.Ledger.Write(db =>
        {
            db.Execute("UPDATE run SET cancel_requested_us=NULL WHERE run_id=?1", SeededHome.Live);
            db.Execute("DELETE FROM audit WHERE action='cancel'");
        });
    }

    [Fact]
    public async Task Session_Ends_WithThePassword_TheAccount_AndTime()
    {
        await using var host = await home.StartAsync();
        home.Add("paul", Role.Viewer);
        using var first = new Visit(host.Address);
        using var second = new Visit(host.Address);
        (await first.SignInAsync("paul", AccessHome.Password)).Dispose();
        (await second.SignInAsync("paul", AccessHome.Password)).Dispose();
        using var wrong = await first.PostAsync("/account", "/account/password", [("current", "not the password"), ("password", "another long one")]);
        Assert.Equal(HttpStatusCode.Conflict, wrong.StatusCode);
        using var changed = await first.PostAsync("/account", "/account/password", [("current", AccessHome.Password), ("password", "another long one")]);
        Assert.Equal("/account?did=password", changed.Headers.Location?.ToString());
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Redirect), (await StatusAsync(first), await StatusAsync(second)));
        Assert.Contains(("paul", "account/paul", "changed by its owner"), home.Audit("account.password"));

        // It slides while it is used, and ends eight hours after.
        home.Clock.Ahead += TimeSpan.FromHours(5);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(first));
        home.Clock.Ahead += TimeSpan.FromHours(5);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(first));
        home.Clock.Ahead += TimeSpan.FromHours(8.1);
        Assert.Equal(HttpStatusCode.Redirect, await StatusAsync(first));

        (await second.SignInAsync("paul", "another long one")).Dispose();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(second));
        home.Accounts.Remove("paul", "test", "left");
        Assert.Equal(HttpStatusCode.Redirect, await StatusAsync(second));
    }

    [Fact]
    public async Task Session_OutlivesARestart()
    {
        using var first = await SignedInAsync();
        await using var again = await home.StartAsync();
        using var visit = new Visit(again.Address, first);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(visit));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(home.Home.Root, "accounts.json")));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(home.Home.Root, "keys")));
        }

        Assert.DoesNotContain(AccessHome.Password, await File.ReadAllTextAsync(Path.Combine(home.Home.Root, "accounts.json"), Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_Ends_WhenItsVisitorIsRemoved()
    {
        await using var host = await home.StartAsync(new AccessOptions { SignIn = true, StreamCheck = TimeSpan.FromMilliseconds(50) });
        home.Add("lena", Role.Viewer);
        using var visit = new Visit(host.Address);
        (await visit.SignInAsync("lena", AccessHome.Password)).Dispose();
        using var stream = await visit.GetAsync("/live/overview", "text/event-stream");
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync(Cancelled));
        Assert.StartsWith("data:", await reader.ReadLineAsync(Cancelled), StringComparison.Ordinal);
        home.Accounts.Remove("lena", "test", "left");
        Assert.Contains("As of", await reader.ReadToEndAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_ActsAsItsAccount_UntilItExpiresOrIsRevoked()
    {
        await using var host = await home.StartAsync();
        var (token, row) = home.Accounts.AddToken("vera", "nightly export", 30, "test", "nightly export");
        using var program = new Visit(host.Address);
        async Task<HttpStatusCode> AskAsync()
        {
            using var answer = await program.GetAsync("/metrics", "*/*", ("Authorization", $"Bearer {token}"));
            return answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, await AskAsync());
        Assert.DoesNotContain(token, await File.ReadAllTextAsync(home.Accounts.Place, Cancelled), StringComparison.Ordinal);
        using var act = await program.SendAsync(HttpMethod.Post, Cancel, JsonContent("{}"), "application/json", ("Authorization", $"Bearer {token}"));
        Assert.Equal(HttpStatusCode.Forbidden, act.StatusCode);
        using var wrong = await program.GetAsync("/api/x", "application/json", ("Authorization", $"Bearer {token}x"));
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        home.Clock.Ahead += TimeSpan.FromDays(30.1);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync());
        home.Clock.Ahead -= TimeSpan.FromDays(30.1);
        home.Accounts.RevokeToken("vera", row.Id, "test", "leaked");
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync());
    }

    [Fact]
    public async Task Header_CountsFromTheTrustedProxyAlone()
    {
        var options = new AccessOptions { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")], IdentityHeader = "X-Forwarded-User", RoleOf = new Dictionary<string, Role> { ["olga"] = Role.Operator } };
        await using var host = await home.StartAsync(options);
        using var visit = new Visit(host.Address);
        async Task<(HttpStatusCode, string)> AskAsync(Visit asking, params (string, string)[] headers)
        {
            using var answer = await asking.GetAsync(RunPage, "text/html", headers);
            var html = await answer.Content.ReadAsStringAsync(Cancelled);
            return (answer.StatusCode, html.Contains("/cancel\"", StringComparison.Ordinal) ? "acts" : "looks");
        }

        Assert.Equal((HttpStatusCode.OK, "acts"), await AskAsync(visit, ("X-Forwarded-User", "olga")));
        Assert.Equal((HttpStatusCode.OK, "looks"), await AskAsync(visit, ("X-Forwarded-User", "viktor"), ("X-Forwarded-For", "203.0.113.9")));
        Assert.Equal((HttpStatusCode.OK, "acts"), await AskAsync(visit, ("X-Forwarded-User", "olga"), ("Authorization", "Basic b2xnYTpw")));
        Assert.Equal((HttpStatusCode.Redirect, "looks"), await AskAsync(visit));
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(visit, ("X-Forwarded-User", "olga"), ("X-Forwarded-User", "root"))).Item1);

        await using var elsewhere = await home.StartAsync(options with { TrustedProxies = [IPNetwork.Parse("10.0.0.7/32")] });
        using var spoof = new Visit(elsewhere.Address);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(spoof, ("X-Forwarded-User", "olga"), ("X-Forwarded-For", "10.0.0.7"))).Item1);

        await using var told = await home.StartAsync(options with { RoleOf = new Dictionary<string, Role>(), RoleHeader = "X-Forwarded-Groups" });
        using var grouped = new Visit(told.Address);
        Assert.Equal((HttpStatusCode.OK, "acts"), await AskAsync(grouped, ("X-Forwarded-User", "olga"), ("X-Forwarded-Groups", "staff, viewer, operator")));
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(grouped, ("X-Forwarded-User", "olga"), ("X-Forwarded-Groups", "staff"))).Item1);
    }

    [Fact]
    public async Task OpenToThisMachine_TakesItsUser_AndRefusesOtherNamesAndProxies()
    {
        await using var host = await home.StartAsync(new AccessOptions());
        using var visit = new Visit(host.Address);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(visit));
        using var rebound = await visit.GetAsync("/", "text/html", ("Host", "evil.example"));
        Assert.Equal(HttpStatusCode.MisdirectedRequest, rebound.StatusCode);
        using var proxied = await visit.GetAsync("/", "text/html", ("X-Forwarded-For", "203.0.113.9"));
        Assert.Equal(HttpStatusCode.Forbidden, proxied.StatusCode);
        Assert.Contains("--trusted-proxy", await proxied.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        using var done = await visit.PostAsync("/accounts", "/accounts/otto/role", [("reason", "still on call"), ("role", "operator")]);
        Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        Assert.Contains((Environment.UserName, "account/otto", "still on call"), home.Audit("account.role"));
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    public async Task Post_FromAnotherSite_IsRefused(string header, string value)
    {
        await using var host = await home.StartAsync(new AccessOptions());
        using var visit = new Visit(host.Address);
        using var form = await visit.PostAsync(RunPage, Cancel, [("reason", "because")], (header, value));
        using var json = await visit.SendAsync(HttpMethod.Post, $"/api{Cancel}", JsonContent("""{"reason":"because"}"""), "application/json", (header, value));
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (form.StatusCode, json.StatusCode));
        Assert.Contains("another site", await json.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        Assert.Empty(home.Audit("cancel"));
    }

    [Fact]
    public async Task ReadOnly_ShowsAndTakesNoAct()
    {
        await using var host = await home.StartAsync(readOnly: true);
        using var visit = new Visit(host.Address);
        (await visit.SignInAsync("anna", AccessHome.Password)).Dispose();
        Assert.Empty((await visit.DocumentAsync(RunPage)).QuerySelectorAll("main form[method=post]"));
        using var refused = await visit.PostAsync(RunPage, Cancel, [("reason", "because")]);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("only shows", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AdminsPage_MakesATokenThatIsShownOnce_AndKeepsAnAdmin()
    {
        await using var host = await home.StartAsync();
        using var admin = new Visit(host.Address);
        (await admin.SignInAsync("anna", AccessHome.Password)).Dispose();
        using var made = await admin.PostAsync("/accounts", "/accounts/otto/tokens", [("reason", "the nightly export"), ("days", "7")]);
        var page = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await made.Content.ReadAsStringAsync(Cancelled));
        var token = page.QuerySelector("[data-token]")!.TextContent;
        Assert.Equal("otto", home.Accounts.OfToken(token)?.Name);
        var list = (await admin.DocumentAsync("/accounts")).Body!.TextContent;
        Assert.Contains("the nightly export", list, StringComparison.Ordinal);
        Assert.DoesNotContain(token, list, StringComparison.Ordinal);
        var id = home.Accounts.Find("otto")!.Tokens.Single().Id;
        using var revoked = await admin.PostAsync("/accounts", $"/accounts/otto/tokens/{id}/revoke", [("reason", "done")]);
        Assert.Null(home.Accounts.OfToken(token));
        using var last = await admin.PostAsync("/accounts", "/accounts/anna/remove", [("reason", "leaves")]);
        Assert.Equal(HttpStatusCode.Conflict, last.StatusCode);
        Assert.Contains("the only admin", await last.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        Assert.Equal(["the nightly export", "done"], home.Audit("account.token").Concat(home.Audit("account.token.revoke")).Where(a => a.Actor == "anna").Select(a => a.Reason));
    }

    [Theory]
    [InlineData("http://0.0.0.0:5080", "workflow account add")]
    [InlineData("http://192.168.1.4:5080", "ssh -L 5080:127.0.0.1:5080")]
    [InlineData("http://example.com:5080", "in numbers")]
    [InlineData("https://127.0.0.1:5080", "--certificate FILE")]
    [InlineData("ftp://127.0.0.1:5080", "expected an address")]
    public async Task Host_RefusesToListen_WhereNobodyCouldSignIn(string url, string expected)
    {
        using var empty = new TestHome();
        var fault = await Assert.ThrowsAsync<WorkflowException>(() => DashboardHost.StartAsync(new DashboardOptions { Home = empty.Root, Url = url }, null, null, Cancelled));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.Equal(2, fault.ExitCode);
    }

    [Fact]
    public async Task Host_ListensBeyondThisMachine_WhereThereAreAccounts()
    {
        await using var host = await home.StartAsync(new AccessOptions(), url: "http://0.0.0.0:0");
        using var visit = new Visit(host.Address.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Redirect, await StatusAsync(visit));
    }

    [Fact]
    public async Task Host_RefusesAccounts_ThatOthersMayRead()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("needs a system with file modes");
            return;
        }

        using var loose = new TestHome();
        var accounts = new AccountStore(loose.Paths, TimeProvider.System);
        accounts.Add("anna", Role.Admin, AccessHome.Password, "test", "new");
        File.SetUnixFileMode(accounts.Place, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var fault = await Assert.ThrowsAsync<WorkflowException>(() => DashboardHost.StartAsync(new DashboardOptions { Home = loose.Root, Url = "http://127.0.0.1:0" }, null, null, Cancelled));
        Assert.Contains("chmod 600", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Browser_SignsInLooksAndSignsOut()
    {
        await using var host = await home.StartAsync();
        await using var open = await home.StartAsync(new AccessOptions());
        await using var browser = await Browser.StartAsync();
        var (page, _) = await browser.OpenAsync($"{host.Address}{RunPage}");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Sign in");
        await Axe.AssertNothingSeriousAsync(page);
        await page.GetByLabel("Name").FillAsync("otto");
        await page.GetByLabel("Password").FillAsync("not the password");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Name or password is wrong.");
        await page.GetByLabel("Password").FillAsync(AccessHome.Password);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync($"{host.Address}{RunPage}");
        await Assertions.Expect(page.GetByText("Cancel…")).ToBeVisibleAsync();
        await page.GotoAsync($"{host.Address}/accounts");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("needs the role admin, and otto has the role operator");
        await page.GotoAsync($"{host.Address}/account");
        await Axe.AssertNothingSeriousAsync(page);
        await page.Locator(".visitor > summary").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.WaitForURLAsync($"{host.Address}/sign-in");
        await page.GotoAsync($"{host.Address}/runs");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Sign in");

        // What an admin sees, by an act in the page.
        await page.GotoAsync($"{open.Address}/accounts");
        await Axe.AssertNothingSeriousAsync(page);
        await page.GetByText("Add an account…").ClickAsync();
        await page.GetByLabel("Name").FillAsync("nina");
        await page.GetByLabel("First password").FillAsync("a few words in a row");
        await page.GetByLabel("Why").Locator("visible=true").FillAsync("joined the team");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the account" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status).GetByText("The account was added.")).ToBeVisibleAsync();
        Assert.Equal(Role.Viewer, home.Accounts.Find("nina")?.Role);
        Assert.Contains((Environment.UserName, "account/nina", "joined the team"), home.Audit("account.add"));
        home.Accounts.AddToken("nina", "the nightly export of scores", 90, "test", "the nightly export of scores");
        await browser.PicturesAsync($"{host.Address}/sign-in", "sign-in");
        await browser.PicturesAsync($"{open.Address}/accounts", "accounts");
        home.Accounts.Remove("nina", "test", "left");
    }

    [Fact]
    public async Task Https_IsServedWithACertificate_AndCookiesStayOnIt()
    {
        var folder = Path.Combine(home.Home.Root, "tls");
        Directory.CreateDirectory(folder);
        var (certificate, key) = (Path.Combine(folder, "c.pem"), Path.Combine(folder, "k.pem"));
        using var rsa = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=workflow.example", rsa, System.Security.Cryptography.HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        await File.WriteAllTextAsync(certificate, made.ExportCertificatePem(), Cancelled);
        await File.WriteAllTextAsync(key, rsa.ExportPkcs8PrivateKeyPem(), Cancelled);
        await using var host = await home.StartAsync(new AccessOptions { SignIn = true, Certificate = certificate, Key = key }, url: "https://127.0.0.1:0");
        using var visit = new Visit(host.Address);
        using var answer = await visit.SignInAsync("otto", AccessHome.Password);
        Assert.All(answer.Headers.GetValues("Set-Cookie"), c => Assert.Contains("; secure", c, StringComparison.OrdinalIgnoreCase));
        using var named = await visit.GetAsync("/sign-in", "text/html", ("Host", "workflow.example"));
        Assert.Equal("max-age=31536000", named.Headers.GetValues("Strict-Transport-Security").Single());
        var fault = await Assert.ThrowsAsync<WorkflowException>(() => home.StartAsync(new AccessOptions { SignIn = true, Certificate = key, Key = key }, url: "https://127.0.0.1:0"));
        Assert.Contains("Expected PEM files", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/workflow")]
    [InlineData("")]
    public async Task PathBase_PutsLinksAssetsStreamsAndRedirectsUnderIt(string passedOn)
    {
        await using var host = await home.StartAsync(new AccessOptions { SignIn = true, PathBase = "/workflow" });
        using var visit = new Visit(host.Address);
        using var asked = await visit.GetAsync($"{passedOn}/runs");
        Assert.Equal("/workflow/sign-in?return=%2Fruns", asked.Headers.Location?.ToString());
        if (passedOn.Length == 0)
        {
            // A proxy that takes the path away sends its visitors' cookies without it: here they stay under the path.
            return;
        }

        using var signedIn = await visit.PostAsync("/workflow/sign-in", "/workflow/sign-in", [("name", "otto"), ("password", AccessHome.Password), ("return", "/runs")]);
        Assert.Equal("/workflow/runs", signedIn.Headers.Location?.ToString());
        var session = signedIn.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("workflow-session-", StringComparison.Ordinal));
        Assert.Contains("; path=/workflow", session, StringComparison.OrdinalIgnoreCase);
        var page = await visit.DocumentAsync($"/workflow{RunPage}");
        foreach (var (element, attribute) in new[] { ("[href]", "href"), ("[src]", "src"), ("form[action]", "action"), ("[hx-sse\\:connect]", "hx-sse:connect") })
        {
            Assert.NotEmpty(page.QuerySelectorAll(element));
            Assert.All(page.QuerySelectorAll(element).Select(e => e.GetAttribute(attribute)!).Where(a => a.Length > 0 && a[0] == '/'), a => Assert.StartsWith("/workflow/", a, StringComparison.Ordinal));
        }

        foreach (var address in page.QuerySelectorAll("link[href],script[src]").Select(e => e.GetAttribute("href") ?? e.GetAttribute("src")!))
        {
            using var asset = await visit.GetAsync(address, "*/*");
            Assert.Equal(HttpStatusCode.OK, asset.StatusCode);
        }

        using var stream = await visit.GetAsync("/workflow/live/runs", "text/event-stream");
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync(Cancelled));
        var sent = "";
        while (await reader.ReadLineAsync(Cancelled) is { Length: > 0 } line)
        {
            sent += line;
        }

        Assert.Contains("href=\"/workflow/runs/", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"/runs", sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AccountCommand_ReadsThePasswordFromItsInput_AndNeverShowsIt()
    {
        using var folder = new TestHome();
        async Task<(int Code, string Output, string Error)> RunAsync(string input, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(Cli.WorkflowProcess.Executable, ["account", .. arguments, "--home", folder.Root]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancelled), process.StandardError.ReadToEndAsync(Cancelled));
            await process.WaitForExitAsync(Cancelled);
            return (process.ExitCode, await output, await error);
        }

        var (code, _, fault) = await RunAsync("short\n", "add", "anna", "--role", "admin");
        Assert.Equal(2, code);
        Assert.Contains("5 characters; expected 12", fault, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("four words in a row\n", "add", "anna", "--role", "admin")).Code);
        var (made, token, _) = await RunAsync("", "token", "anna", "--days", "1", "--note", "export");
        Assert.Equal(0, made);
        var accounts = new AccountStore(folder.Paths, TimeProvider.System);
        Assert.Equal("anna", accounts.OfToken(token.Trim())?.Name);
        Assert.True(Passwords.Fits(accounts.Find("anna")!.Password, "four words in a row"));
        Assert.False(Passwords.Fits(accounts.Find("anna")!.Password, "four words in a rox"));
        var (_, list, _) = await RunAsync("", "list", "--json");
        Assert.Equal("admin", JsonDocument.Parse(list).RootElement[0].GetProperty("role").GetString());
        using var ledger = Workflow.Ledger.LedgerDb.OpenRead(folder.Paths.Ledger, TimeProvider.System);
        Assert.Equal(["account.add account/anna", "account.token account/anna"], ledger.Read(db => db.Query("SELECT action||' '||target FROM audit WHERE actor=?1 AND reason IS NOT NULL ORDER BY seq", r => r.Text(0), Environment.UserName)));
    }

    async Task<Visit> SignedInAsync()
    {
        await using var host = await home.StartAsync();
        var visit = new Visit(host.Address);
        (await visit.SignInAsync("otto", AccessHome.Password)).Dispose();
        return visit;
    }

    static async Task<HttpStatusCode> StatusAsync(Visit visit)
    {
        using var answer = await visit.GetAsync("/runs");
        return answer.StatusCode;
    }

    static async Task<string> FaultAsync(HttpResponseMessage answer) =>
        new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(Cancelled)).QuerySelector("#fault")!.TextContent;

    static StringContent JsonContent(string json) => new(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
}
