package salesforce

// ofOrg are the objects by which an org is set up: who reports to whom, its calendar and
// its currencies, and who was there.
func ofOrg() []object {
	return []object{
		{
			name: "Organization", why: "the time zone and the fiscal year of the org", cursor: "SystemModstamp", route: onlyREST,
			keeps: "Id Name SystemModstamp", optional: "TimeZoneSidKey FiscalYearStartMonth DefaultCurrencyIsoCode IsSandbox",
		},
		{
			name: "UserRole", why: "who reports to whom", cursor: "SystemModstamp", route: onlyREST,
			keeps: "Id Name ParentRoleId SystemModstamp", optional: "DeveloperName ForecastUserId",
		},
		{
			name: "RecordType", why: "which pipeline a deal is on", cursor: "SystemModstamp", route: onlyREST,
			keeps: "Id Name DeveloperName SobjectType IsActive SystemModstamp", optional: "BusinessProcessId",
		},
		{
			name: "Period", why: "the fiscal calendar", cursor: "SystemModstamp", route: onlyREST,
			keeps:    "Id Type StartDate EndDate SystemModstamp",
			optional: "Number FiscalYearSettingsId FullyQualifiedLabel PeriodLabel QuarterLabel IsForecastPeriod",
		},
		{
			name: "FiscalYearSettings", why: "the fiscal calendar", cursor: "SystemModstamp", route: onlyREST,
			keeps: "Id Name StartDate EndDate SystemModstamp", optional: "IsStandardYear YearType PeriodId",
		},
		{
			name: "CurrencyType", why: "what a currency is worth", cursor: "SystemModstamp", route: onlyREST,
			keeps: "Id IsoCode ConversionRate IsCorporate IsActive SystemModstamp", optional: "DecimalPlaces CreatedDate",
		},
		{
			name: "DatedConversionRate", why: "what a currency was worth when", cursor: "SystemModstamp", route: onlyREST,
			keeps: "Id IsoCode ConversionRate StartDate SystemModstamp", optional: "NextStartDate",
		},
		{
			name: "LoginHistory", why: "who signed in when", cursor: "LoginTime", kind: history,
			keeps: "Id UserId LoginTime", optional: "LoginType Status Application Platform Browser",
		},
		{
			name: "SetupAuditTrail", why: "who changed the set-up", cursor: "CreatedDate", kind: history, route: onlyREST,
			keeps: "Id Action CreatedById CreatedDate", optional: "Section Display DelegateUser",
		},
	}
}

// ofTerritories are which territories there are, and who and what is in them.
func ofTerritories() []object {
	return []object{
		{
			name: "Territory2Model", why: "which territories are in force", cursor: "SystemModstamp", route: onlyREST,
			keeps: "Id Name State SystemModstamp", optional: "DeveloperName ActivatedDate DeactivatedDate",
		},
		{
			name: "Territory2", why: "the territories", cursor: "SystemModstamp",
			keeps: "Id Name Territory2ModelId SystemModstamp", optional: "DeveloperName ParentTerritory2Id Territory2TypeId ForecastUserId",
		},
		{
			name: "UserTerritory2Association", why: "who works in which territory", cursor: "SystemModstamp",
			keeps: "Id UserId Territory2Id SystemModstamp", optional: "IsActive RoleInTerritory2",
		},
		{
			name: "ObjectTerritory2Association", why: "whose territory an account is in", cursor: "SystemModstamp",
			keeps: "Id ObjectId Territory2Id SystemModstamp", optional: "SobjectType AssociationCause",
		},
	}
}

// ofDeals are who shares in a deal, what is sold in it, and where it came from.
func ofDeals() []object {
	return []object{
		{
			name: "OpportunitySplitType", why: "what the splits of a deal are of", cursor: "SystemModstamp", route: onlyREST,
			keeps: "Id MasterLabel IsActive SystemModstamp", optional: "DeveloperName IsTotalValidated SplitField SplitEntity",
		},
		{
			name: "OpportunitySplit", why: "who shares in a deal", cursor: "SystemModstamp",
			keeps:    "Id OpportunityId SplitOwnerId SplitTypeId SplitPercentage SystemModstamp",
			optional: "SplitAmount SplitNote CurrencyIsoCode CreatedDate",
		},
		{
			name: "OpportunityTeamMember", why: "who works on a deal besides its owner", cursor: "SystemModstamp",
			keeps: "Id OpportunityId UserId TeamMemberRole SystemModstamp", optional: "OpportunityAccessLevel CreatedDate",
		},
		{
			name: "Product2", why: "what is sold", cursor: "SystemModstamp",
			keeps: "Id Name SystemModstamp", optional: "ProductCode Family IsActive CanUseRevenueSchedule SBQQ__SubscriptionType__c",
		},
		{
			name: "OpportunityLineItem", why: "what a deal is made of", cursor: "SystemModstamp",
			keeps:    "Id OpportunityId Quantity TotalPrice SystemModstamp",
			optional: "Product2Id Name UnitPrice ServiceDate HasRevenueSchedule CanUseRevenueSchedule CurrencyIsoCode CreatedDate",
		},
		{
			name: "OpportunityLineItemSplit", why: "who shares in a line of a deal", cursor: "SystemModstamp",
			keeps:    "Id OpportunityLineItemId SplitOwnerId SplitTypeId SplitPercentage SystemModstamp",
			optional: "SplitAmount CurrencyIsoCode CreatedDate",
		},
		{
			name: "Lead", why: "where deals come from", cursor: "SystemModstamp",
			keeps: "Id OwnerId Status IsConverted CreatedDate SystemModstamp",
			optional: "LeadSource Industry Rating ConvertedDate ConvertedAccountId ConvertedContactId ConvertedOpportunityId " +
				"MasterRecordId RecordTypeId",
		},
	}
}

// ofForecasts are what was forecast. Salesforce keeps items as they are now only: how
// they stood on a day is known because we look each day.
func ofForecasts() []object {
	return []object{
		{
			name: "ForecastingType", why: "what is forecast", cursor: "SystemModstamp", route: onlyREST,
			keeps: "Id MasterLabel IsActive SystemModstamp", optional: "DeveloperName IsAmount IsQuantity DateType",
		},
		{
			name: "ForecastingItem", why: "what was forecast when", cursor: "SystemModstamp", kind: snapshot,
			keeps: "Id OwnerId PeriodId ForecastingTypeId ForecastAmount",
			optional: "ForecastCategoryName ForecastingItemCategory AmountWithoutAdjustments AmountWithoutManagerAdjustment AmountWithoutOwnerAdjustment " +
				"OwnerOnlyAmount ForecastQuantity HasAdjustment HasOwnerAdjustment IsUpToDate ParentForecastingItemId ProductFamily " +
				"Territory2Id CurrencyIsoCode SystemModstamp",
		},
		{
			name: "ForecastingQuota", why: "what was to be sold", cursor: "SystemModstamp",
			keeps:    "Id QuotaOwnerId QuotaAmount StartDate ForecastingTypeId SystemModstamp",
			optional: "PeriodId QuotaQuantity IsAmount IsQuantity ProductFamily Territory2Id CurrencyIsoCode CreatedDate",
		},
		{
			name: "ForecastingOwnerAdjustment", why: "what people made of their own forecast", cursor: "SystemModstamp",
			keeps:    "Id ForecastingItemId AdjustedAmount SystemModstamp",
			optional: "AdjustedQuantity AdjustmentNote ForecastOwnerId PeriodId CurrencyIsoCode CreatedDate",
		},
		{
			name: "ForecastingSubmission", why: "what people committed to when", cursor: "SystemModstamp",
			keeps: "Id ForecastOwnerId SystemModstamp", optional: "ForecastingTypeId PeriodId PeriodStartDate SubmissionDateTime CurrencyIsoCode CreatedDate",
		},
		{
			name: "ForecastingSubmissionItem", why: "what people committed to when", cursor: "SystemModstamp",
			keeps: "Id ForecastingSubmissionId Amount SystemModstamp", optional: "ForecastingItemCategory CurrencyIsoCode CreatedDate",
		},
	}
}

// ofContracts are what is renewed.
func ofContracts() []object {
	return []object{
		{
			name: "Contract", why: "what falls due", cursor: "SystemModstamp",
			keeps: "Id AccountId OwnerId Status StartDate EndDate CreatedDate SystemModstamp",
			optional: "ContractNumber ContractTerm StatusCode ActivatedDate CompanySignedDate CustomerSignedDate " +
				"CurrencyIsoCode RecordTypeId SBQQ__Opportunity__c SBQQ__RenewalOpportunity__c", // the latter two by Salesforce's CPQ package
		},
		{
			name: "Asset", why: "what a customer has", cursor: "SystemModstamp",
			keeps:    "Id AccountId Name Status SystemModstamp",
			optional: "Product2Id ContactId OwnerId Price Quantity PurchaseDate InstallDate UsageEndDate CurrencyIsoCode CreatedDate",
		},
		{
			name: "Order", why: "what was ordered", cursor: "SystemModstamp",
			keeps: "Id AccountId OwnerId Status EffectiveDate SystemModstamp",
			optional: "ContractId OpportunityId EndDate TotalAmount Type StatusCode OrderNumber OriginalOrderId IsReductionOrder " +
				"ActivatedDate CurrencyIsoCode CreatedDate",
		},
		{
			name: "OrderItem", why: "what an order is made of", cursor: "SystemModstamp",
			keeps:    "Id OrderId Quantity UnitPrice SystemModstamp",
			optional: "Product2Id TotalPrice ServiceDate EndDate OriginalOrderItemId CurrencyIsoCode CreatedDate",
		},
		{
			name: "Quote", why: "what was offered", cursor: "SystemModstamp",
			keeps:    "Id OpportunityId Status SystemModstamp",
			optional: "Name OwnerId AccountId IsSyncing GrandTotal TotalPrice Discount ExpirationDate CurrencyIsoCode CreatedDate",
		},
		{
			name: "QuoteDocument", why: "the papers of an offer", cursor: "SystemModstamp",
			keeps: "Id QuoteId SystemModstamp", optional: "Name CreatedById CreatedDate",
		},
	}
}

// ofActivities are what activities are about, and e-mails.
func ofActivities() []object {
	return []object{
		{
			name: "EmailMessage", why: "e-mails", cursor: "SystemModstamp",
			keeps:    "Id RelatedToId Incoming MessageDate CreatedDate SystemModstamp",
			optional: "ActivityId ParentId Status Subject CreatedById ReplyToEmailMessageId ThreadIdentifier",
		},
		{
			name: "TaskRelation", why: "all that a task is about", cursor: "SystemModstamp",
			keeps: "Id TaskId RelationId SystemModstamp", optional: "IsWhat AccountId",
		},
		{
			name: "EventRelation", why: "all who take part in a meeting", cursor: "SystemModstamp",
			keeps: "Id EventId RelationId SystemModstamp", optional: "IsWhat IsInvitee IsParent Status RespondedDate AccountId",
		},
	}
}
